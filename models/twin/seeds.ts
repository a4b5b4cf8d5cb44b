/**
 * Whose seeds are whose. Everything a person simulates to look at it (a trial, a data set, a bioreactor for a node) is of a seed below SEED_LIMIT; everything the platform itself was fitted, tuned or trained on is of one from there on,
 * so that nothing shipped was learnt from a batch that anybody can be shown.
 */
export const SEED_LIMIT = 2 ** 31;
/** A generator takes no seed above. */
export const HIGHEST_SEED = 2 ** 32 - 1;

/** Seeds of the platform's own. `training`: the prediction of trials, and the gains of the PID; permuted outcomes take the seeds after it. `deployed`: the prediction that is shipped, where a training is given no other. `policies` are documented, not used. */
export const OWN_SEEDS = { prior: 0x9000_0001, training: 0xa000_0001, deployed: 0xb000_0001, policies: 0xc000_0001, releaseTable: 0xd000_0001, replay: 0xe000_0001, fit: 0xf170_0001, fitCheck: 0xf170_0002 } as const;
