/** Where a world's figure comes from: a publication, our judgement, the process that is simulated (a choice, not a claim), and above all of them the fit of the baseline (fit/targets.ts). */
export type Origin = 'published' | 'assumed' | 'chosen';
export type Source = Readonly<{ unit: string; origin: Origin; note: string }>;

const published = (unit: string, note: string): Source => ({ unit, origin: 'published', note });
const assumed = (unit: string, note: string): Source => ({ unit, origin: 'assumed', note });
const chosen = (unit: string, note: string): Source => ({ unit, origin: 'chosen', note });

/**
 * Unit and origin of every quantity of a world, by its path; what is drawn has one entry for its whole distribution, in whose unit its figures are (a sigma has none).
 * What the fit sets is said by fit/targets.ts. The figures of `release` carry their own notes in the world's file.
 */
export const WORLD_SOURCES: Readonly<Record<string, Source>> = {
  'recipe.seedCellsMillion': chosen('10^6 cells', 'selected cells at activation; 100 x 10^6 is a usual start of closed processes'),
  'recipe.startVolumeMl': chosen('mL', 'as small closed chambers start'),
  'recipe.interleukin2IuPerMl': chosen('IU/mL', 'in the medium at the start; 20 to 300 is usual'),
  'recipe.vectorHour': chosen('h', 'transduction a day after activation'),
  'recipe.vectorDoseMillionTuPerMl': chosen('10^6 TU/mL', 'about five transducing units a cell: 5 to 10 in closed processes (Zhu et al. 2018, Cytotherapy 20(3), 394)'),
  'recipe.additions': chosen('h; mL', 'when, and how much fresh medium'),
  'recipe.exchanges': chosen('h; 1', 'when, and which share of the medium'),
  'recipe.perfusion': chosen('h; mL/h', 'from when, and how much flows'),
  'recipe.feedGlucoseMmolPerL': chosen('mmol/L', 'of T cell media, 4 g/L'),
  'recipe.feedGlutamineMmolPerL': chosen('mmol/L', 'of T cell media'),
  'recipe.feedInterleukin2IuPerMl': chosen('IU/mL', 'in the feed'),
  'recipe.shakenFromHour': chosen('h', 'still before, so that cells and vector stay together'),
  'recipe.oxygenSetPointPercentAir': chosen('% air saturation', 'of the chamber'),
  'recipe.oxygenHighestPercentAir': chosen('% air saturation', 'what air with 5 % CO2 reaches'),
  'recipe.phSetPoint': chosen('1', 'of the controller'),
  'recipe.temperatureCelsius': chosen('°C', 'set-point'),
  'recipe.harvestHour': chosen('h', 'ten days in the stress world, twelve in the published one'),
  'donor.growthPerHour': assumed('1/h', 'bounds; at the median a division in about 20 hours, at the upper bound in about 8, before anything limits it'),
  'donor.deathPerHour': assumed('1/h', 'spread and bounds of death in good conditions'),
  'donor.frailtyFactor': assumed('1', 'factor on the death of resting cells'),
  'donor.sensitivityFactor': assumed('1', 'factor on what wants and excesses kill; one by definition at the median'),
  'donor.glucoseUptakeMmolPerHourPerBillion': assumed('mmol/h per 10^9 cells', 'activated T cells are reported with 0.03 to 0.15'),
  'donor.doublingLimit': assumed('1', 'doublings after which cells stop dividing in a process of this length'),
  'donor.permissivenessFactor': assumed('1', 'factor on the uptake of vector; one by definition at the median'),
  'donor.startingMemoryShare': assumed('1', 'share of naive and central memory cells in collected cells of pretreated adults'),
  'donor.otherGrowthPerHour': assumed('1/h', 'cells without CD3 grow less than T cells under CD3/CD28'),
  'donor.otherDeathPerHour': assumed('1/h', 'they are not kept alive by the stimulus'),
  'donor.otherShare': assumed('1', 'share of cells without CD3 after selection'),
  'donor.startingViability': assumed('1', 'after collection, transit and selection'),
  'donor.cd4Cd8Ratio': assumed('1', 'wide in pretreated patients; moves nothing, is measured'),
  'donor.weightKg': assumed('kg', 'adults with lymphoma'),
  'donor.ageYears': assumed('a', 'adults with lymphoma; moves nothing, is known'),
  'donor.sinceCollectionHours': assumed('h', 'made where the patient is: hours, not days'),
  'donor.fitnessShare': assumed('1', 'how strongly one hidden fitness moves growth, survival and the limit of doublings together'),
  'donor.findingShare': assumed('1', 'how strongly what can be found at admission follows fitness: memory phenotype and viability of the collected cells, burden of disease, lymphocytes. Weak, because no finding but prior bendamustine was associated with manufacturing failure in a national panel (Dulobdas et al. 2025, Blood Cancer J., UK National CAR T Panel); platelets, CD4/CD8 and bendamustine in another (Jo et al. 2023, Br. J. Haematol., Japan)'),
  'donor.bendamustine': published('1; standard scores', 'that exposure shortly before collection does harm: Iacoboni et al. 2024, Recent bendamustine treatment before apheresis, J. Clin. Oncol. 42(2), 205; that it acts through growth and survival in culture, its share and its size are assumed'),
  'donor.poor': assumed('1; standard scores', 'share of patients whose cells are far less fit than the rest'),
  'lots.growthFactor': assumed('1', 'factor of a medium lot on growth'),
  'lots.vectorTitreFactor': assumed('1', 'factor on the titre; titration varies by some 10 to 15 %'),
  'lots.interleukin2Factor': assumed('1', 'factor on the activity'),
  'lots.glucoseFactor': assumed('1', 'factor on the concentration'),
  'operator.seedingFactor': assumed('1', 'factor on the cells seeded, by the error of counts'),
  'operator.recoveryShare': assumed('1', 'share that harvest, wash and formulation keep'),
  'operator.additionDelayHours': assumed('h', 'how late what people do by hand is done'),
  'equipment.transferFactor': assumed('1', 'factor on gas transfer'),
  'equipment.pumpFactor': assumed('1', 'factor on every flow'),
  'equipment.temperatureOffsetCelsius': assumed('°C', 'offset of the chamber'),
  'unknown.dailyGrowthFactor': assumed('1', 'what no one measures, a factor on growth drawn for each day'),
  'faults.*.chance': assumed('1', 'chance that the fault happens to a batch; rarer in the published world'),
  'faults.*.onsetHour': assumed('h', 'when it begins'),
  'faults.feed-pump.flowShare': assumed('1', 'share of the flow that is left'),
  'faults.ph-probe.driftPerHour': assumed('1/h', 'drift of the reading'),
  'faults.gas-supply.pressureBar': assumed('bar', 'pressure that is left in the gas line; 0.1 bar holds up 10 % of air saturation'),
  'faults.temperature.offsetCelsius': assumed('°C', 'off the set-point'),
  'faults.contamination.doublingsPerHour': assumed('1/h', 'doublings of the contaminant while there is glucose and room'),
  'faults.transduction.activeShare': assumed('1', 'share of the vector dose that is active'),
  repairHours: assumed('h', 'from onset to repair by ordinary alarms and rounds'),
  'criteria.doseMillionPerKg': published('10^6 cells/kg', 'CAR+ cells; 2 x 10^6 per kg, at most 2 x 10^8: prescribing information of axicabtagene ciloleucel (FDA, 2017), dosage'),
  'criteria.reserveFactor': chosen('1', 'dose and what retention and tests take'),
  'criteria.viability': published('1', 'at least 70 %: FDA, CMC information for human gene therapy INDs, guidance for industry, January 2020 (viability of ex vivo modified cells)'),
  'criteria.carPositive': chosen('1', 'at least'),
  'criteria.cd3Positive': chosen('1', 'at least'),
  'criteria.vectorCopyNumber': chosen('copies per CAR+ cell', 'at most'),
  'criteria.endotoxinEuPerMl': published('EU/mL', 'at most 0.5: release specification of ARI-0001 (PMC6319086, table 2)'),
  'assays.viability': assumed('1', 'standard deviation of the assay'),
  'assays.carPositive': assumed('1', 'standard deviation of the assay'),
  'assays.cd3Positive': assumed('1', 'standard deviation of the assay'),
  'assays.vectorCopyNumber': assumed('1', 'relative standard deviation of the assay'),
  'assays.cellCount': assumed('1', 'relative standard deviation of the count'),
  'assays.endotoxin': assumed('1', 'relative standard deviation of the assay'),
  'assays.potency': assumed('1', 'relative standard deviation of the assay'),
  'potency.memoryReferenceShare': assumed('1', 'memory share of the reference product'),
  'potency.memoryPower': assumed('1', 'power of memory in potency'),
  'potency.copyPower': assumed('1', 'power of copies in potency'),
  'potency.residualSigma': assumed('1', 'what neither explains, log-normal'),
};

/** Paths under which a figure may be listed: its own, those above it, and those with the fault's name left open. */
const placesOf = (path: string): readonly string[] => {
  const keys = path.split('.');
  const above = keys.map((_, i) => keys.slice(0, keys.length - i).join('.'));
  return [...above, ...above.map((place) => place.replace(/^faults\.[^.]+/, 'faults.*'))];
};

/** The source of one figure of a world, by its dotted path; undefined for one that nobody has accounted for. */
export const sourceOf = (path: string): Source | undefined => placesOf(path).map((place) => WORLD_SOURCES[place]).find((source) => source !== undefined);
