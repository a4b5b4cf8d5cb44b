import { bundleFunctions } from './bundle.ts';
import { createApp } from './synth.ts';

await bundleFunctions();
createApp().synth();
