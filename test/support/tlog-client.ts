import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian puts the sources of Go libraries. */
const SOURCES = '/usr/share/gocode';
const GO = { ...process.env, GO111MODULE: 'off', GOPATH: SOURCES, GOFLAGS: '' };

/** Whether Go and its transparency log library are there (Debian: apt-get install golang-go golang-golang-x-mod-dev); tests against it are skipped with this notice where they are not. */
export const hasGo = existsSync(join(SOURCES, 'src', 'golang.org', 'x', 'mod', 'sumdb', 'tlog')) && spawnSync('go', ['version']).status === 0;
export const GO_NOTICE = hasGo ? 'golang.org/x/mod/sumdb' : 'skipped: golang-go and golang-golang-x-mod-dev are not installed';

/** Build the client of another house into the folder. @returns its path */
export const buildClient = (folder: string): string => {
  const program = join(folder, 'tlog-client');
  const { status, stderr } = spawnSync('go', ['build', '-o', program, join(import.meta.dirname, 'tlog-client', 'main.go')], { env: { ...GO, GOCACHE: join(folder, 'cache') }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the client was not built: ${stderr}`);
  return program;
};

/** What the client says of a log folder. @returns its exit code and its one line */
export const runClient = (program: string, words: readonly string[]): Readonly<{ code: number | null; said: string }> => {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return { code: status, said: (stdout + stderr).trim() };
};
