import { decodeJwt } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { policyFaults } from '../../infra/local/services/cognito/passwords.ts';
import { codeOf, declaration, jsonOf, request, testCloud } from './support/cloud.ts';
import { CognitoService } from '../../infra/local/services/cognito/service.ts';
import { EventsService } from '../../infra/local/services/events/service.ts';
import { CREDENTIAL_CHANGES } from '../../shared/security/watched.ts';
import { CLIENT, PASSWORD, startPool } from './support/identity.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const freezeDate = (): void => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => { vi.useRealTimers(); });
};

describe('a password', () => {
  it.each([['short1!A', ['at least 12 characters']], ['longenoughbutplain', ['a capital letter', 'a digit', 'a symbol']], ['Correct-horse-7', []]])('%s lacks %j', (password, faults) => {
    expect(policyFaults(password, { MinimumLength: 12, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true })).toEqual(faults);
  });

  it('opens the pool whatever the case of the name, and no other does', async () => {
    const { pool } = await startPool();
    expect(pool.authenticate('ADA', PASSWORD).username).toBe('ada');
    expect(await codeOf(() => pool.authenticate('ada', 'wrong'))).toBe('NotAuthorizedException');
    expect(await codeOf(() => { pool.setPassword('ada', 'short', true); })).toBe('InvalidPasswordException');
  });

  it('is refused in the same words for nobody and for somebody', async () => {
    const { pool } = await startPool();
    const words = (name: string): string => { try { pool.authenticate(name, 'wrong'); return ''; } catch (error) { return (error as Error).message; } };
    expect(words('nobody')).toBe(words('ada'));
  });

  it('opens nothing for a minute after five wrong ones, then again', async () => {
    freezeDate();
    const { pool } = await startPool();
    for (let i = 0; i < 5; i += 1) expect(await codeOf(() => pool.authenticate('ada', 'wrong'))).toBe('NotAuthorizedException');
    expect(() => pool.authenticate('ada', PASSWORD)).toThrow('Password attempts exceeded');
    vi.setSystemTime(Date.now() + 61_000);
    expect(pool.authenticate('ada', PASSWORD).failures).toBe(0);
  });

  it('counts wrong ones from the last right one', async () => {
    const { pool } = await startPool();
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 4; i += 1) await codeOf(() => pool.authenticate('ada', 'wrong'));
      expect(pool.authenticate('ada', PASSWORD).username).toBe('ada');
    }
  });

  it('opens nothing for a person who is disabled', async () => {
    const { pool } = await startPool();
    pool.setEnabled('ada', false);
    expect(await codeOf(() => pool.authenticate('ada', PASSWORD))).toBe('NotAuthorizedException');
  });
});

describe('a token', () => {
  it('says who, in which groups, for which client', async () => {
    const { pool, tokens, issuer } = await startPool();
    const { IdToken, AccessToken } = await tokens();
    expect(decodeJwt(IdToken)).toMatchObject({ iss: issuer, aud: CLIENT, token_use: 'id', sub: pool.user('ada').sub, 'cognito:username': 'ada', 'cognito:groups': ['quality'], 'custom:node': 'north' });
    expect(decodeJwt(AccessToken)).toMatchObject({ client_id: CLIENT, token_use: 'access' });
  });

  it('names the sign-in it comes from: one for the tokens of a sign-in, another for the next, and an id of each token', async () => {
    const { tokens } = await startPool();
    const [first, second] = [await tokens(), await tokens()];
    const [id, access, next] = [decodeJwt(first.IdToken), decodeJwt(first.AccessToken), decodeJwt(second.IdToken)];
    expect(access['origin_jti']).toBe(id['origin_jti']);
    expect(next['origin_jti']).not.toBe(id['origin_jti']);
    expect(new Set([id.jti, access.jti, next.jti, id['origin_jti']]).size).toBe(4);
  });

  it('is still good after a restart', async () => {
    const folder = temporaryFolder();
    const { IdToken } = await (await startPool(folder)).tokens();
    const { pool } = await startPool(folder);
    expect(pool.user('ada').sub).toBe(decodeJwt(IdToken).sub);
  });

  it('expires an hour of real time after sign-in, whatever the cloud’s clock says', async () => {
    freezeDate();
    const { tokens, authorize } = await startPool(temporaryFolder(), 20 * 86_400_000);
    const { IdToken } = await tokens();
    vi.setSystemTime(Date.now() + 3_590_000);
    expect(await authorize(`Bearer ${IdToken}`)).toBeDefined();
    vi.setSystemTime(Date.now() + 20_000);
    expect(await authorize(`Bearer ${IdToken}`)).toBeUndefined();
  });
});

describe('administration', () => {
  it('of a password is told on the default bus, by the person and not the name, and of creating an account nothing', async () => {
    const { cloud, services, deliveries } = testCloud(temporaryFolder());
    const [events, cognito] = [new EventsService(cloud), new CognitoService(cloud)];
    services.set('events', events);
    const { physicalId: UserPoolId } = cognito.provision(declaration('AWS::Cognito::UserPool', {}, 'People'));
    const pattern = { source: ['aws.cognito-idp'], 'detail-type': ['AWS API Call via CloudTrail'], detail: { eventName: [...CREDENTIAL_CHANGES], requestParameters: { userPoolId: [UserPoolId] } } };
    events.provision(declaration('AWS::Events::Rule', { EventPattern: pattern, Targets: [{ Id: 'a', Arn: 'arn:aws:lambda:eu-west-1:111111111111:function:watch' }] }, 'Rule'));
    const call = (operation: string, body: object) => cognito.handle(request({ operation, body: { UserPoolId, Username: 'ada', ...body } }));
    await call('AdminCreateUser', { UserAttributes: [] });
    expect([deliveries.length, jsonOf(await call('AdminGetUser', {}))['UserStatus']]).toEqual([0, 'FORCE_CHANGE_PASSWORD']);
    await call('AdminSetUserPassword', { Password: PASSWORD, Permanent: true });
    const { sub } = cognito.pool(UserPoolId).user('ada');
    expect(deliveries).toMatchObject([{ targetArn: 'arn:aws:lambda:eu-west-1:111111111111:function:watch', payload: { source: 'aws.cognito-idp', detail: { eventName: 'AdminSetUserPassword', additionalEventData: { sub } } } }]);
    expect(JSON.stringify(deliveries)).not.toContain('"ada"');
    expect(jsonOf(await call('AdminGetUser', {}))['UserStatus']).toBe('CONFIRMED');
  });
});
