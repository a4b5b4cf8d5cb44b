import { startEngine } from './state-machine.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const run = async (definition: string, input: unknown = {}, functions: Parameters<typeof startEngine>[2] = {}) => {
  const engine = startEngine(temporaryFolder(), definition, functions);
  engine.begin(input);
  const { status, output, error, cause } = await engine.ended();
  const { calls } = engine;
  engine.stop();
  return { status, output, error, cause, calls };
};

export const END = { End: true };
