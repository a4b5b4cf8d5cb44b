import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ensureBundles } from '../../infra/bundle.ts';
import { synthesise } from '../../infra/synth.ts';
import { readTemplates, type Templates } from '../support/templates.ts';

/** The project as it is, synthesised: its templates, the assembly they are in, and the bundles they were made with. */
export type Synthesised = Readonly<{ templates: Templates; assemblyFolder: string; bundleFolder: string; folder: string }>;

const make = async (): Promise<Synthesised> => {
  const folder = mkdtempSync(join(inject('scratchFolder'), 'synth-'));
  const [assemblyFolder, bundleFolder] = [join(folder, 'cdk.out'), join(folder, 'functions')];
  await ensureBundles(bundleFolder);
  synthesise({ outdir: assemblyFolder, bundleFolder });
  return { templates: readTemplates(assemblyFolder), assemblyFolder, bundleFolder, folder };
};

let made: Promise<Synthesised> | undefined;

/** Made once for all test files of a process, which share their modules (`isolate: false`): bundling and synthesis take longer than all the tests of them. */
export const synthesised = (): Promise<Synthesised> => made ??= make();
