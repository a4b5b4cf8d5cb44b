import { resolve } from 'node:path';

/** Where a local cloud keeps what it runs: bundles and templates of its own, so that two of them, or a build beside one, do not take each other's away. @param state its state folder */
export const buildFolders = (state: string): Readonly<{ bundleFolder: string; assemblyFolder: string }> => ({ bundleFolder: resolve(state, 'functions'), assemblyFolder: resolve(state, 'cdk.out') });
