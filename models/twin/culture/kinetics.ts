/** Where a number comes from. `assumed`: our judgement within the range the note gives. What is fitted differs by world and is in the worlds' files (worlds/provenance.ts). */
export type Provenance = 'published' | 'assumed';
export type Constant = Readonly<{ value: number; unit: string; provenance: Provenance; note: string }>;

const published = (value: number, unit: string, note: string): Constant => ({ value, unit, provenance: 'published', note });
const assumed = (value: number, unit: string, note: string): Constant => ({ value, unit, provenance: 'assumed', note });

/**
 * Constants of the mechanism that do not differ between patients. What differs is drawn by donor, lot and site (draw/).
 *
 * `published` names where the figure or its range is reported; every other figure is an assumption and says so.
 */
export const KINETICS = {
  glucoseHalfMmolPerL: assumed(1, 'mmol/L', 'Monod constant; growth of T cells is hardly slowed above 5 mmol/L'),
  glutamineHalfMmolPerL: assumed(0.3, 'mmol/L', 'Monod constant; mammalian culture 0.1 to 1'),
  glutamineSpareShare: assumed(0.5, '1', 'share of growth possible without glutamine'),
  interleukin2HalfIuPerMl: assumed(12, 'IU/mL', 'of the order of the high-affinity receptor (10 pmol/L, about 2 to 20 IU/mL by preparation)'),
  lactateHalfMmolPerL: assumed(38, 'mmol/L', 'growth halves; T cell growth is reported to suffer above about 20 mmol/L'),
  ammoniaHalfMmolPerL: assumed(8, 'mmol/L', 'growth halves; mammalian cells are reported to suffer above 2 to 5 mmol/L'),
  oxygenHalfPercentAir: assumed(6, '% air saturation', 'Monod constant of growth'),
  oxygenUptakeHalfPercentAir: assumed(1.5, '% air saturation', 'Monod constant of uptake'),
  phOptimum: assumed(7.25, '1', 'middle of the usual range 7.0 to 7.4'),
  phWidth: assumed(0.42, '1', 'distance from the optimum at which growth falls to 1/e'),
  temperatureWidthBelowCelsius: assumed(3.2, '°C', 'distance below 37 °C at which growth falls to 1/e'),
  temperatureWidthAboveCelsius: assumed(1.9, '°C', 'distance above 37 °C at which growth falls to 1/e'),
  crowdingMillionPerMl: assumed(34, '10^6 cells/mL', 'density at which growth stops in a shaken chamber with perfusion'),
  stimulusDecayPerHour: assumed(0.024, '1/h', 'polymeric CD3/CD28 reagent loses half its action in about a day'),
  activationPerHour: assumed(0.16, '1/h', 'resting cells enter cycle within 24 to 36 h of stimulation'),
  activationDelayHours: assumed(16, 'h', 'first division not before 24 to 36 h'),
  activationSpreadHours: assumed(2.5, 'h', 'steepness of the entry into cycle around the delay, logistic'),
  restingDeathPerHour: assumed(0.004, '1/h', 'times the donor\'s own factor'),
  exhaustionPower: assumed(4, '1', 'how sharply division ends at the donor\'s limit of doublings'),
  starvationKillsPerHour: assumed(0.025, '1/h', 'death that no glucose at all adds, for sensitivity 1'),
  lactateKillsPerHour: assumed(0.03, '1/h', 'death that endless lactate adds, for sensitivity 1'),
  ammoniaKillsPerHour: assumed(0.03, '1/h', 'death that endless ammonia adds, for sensitivity 1'),
  oxygenKillsPerHour: assumed(0.025, '1/h', 'death that no oxygen at all adds, for sensitivity 1'),
  phKillsPerHour: assumed(0.03, '1/h', 'death that a pH far from the optimum adds, for sensitivity 1'),
  temperatureKillsPerHour: assumed(0.025, '1/h', 'death that a temperature far from 37 °C adds, for sensitivity 1'),
  interleukin2KillsPerHour: assumed(0.015, '1/h', 'death that no IL-2 at all adds, for sensitivity 1'),
  exhaustionKillsPerHour: assumed(0.006, '1/h', 'death at the limit of doublings, for sensitivity 1'),
  lysisPerHour: assumed(0.016, '1/h', 'dead cells dissolve, half in about 1.8 days'),
  interleukin2UptakeIuPerHourPerMillion: assumed(0.22, 'IU/h per 10^6 cells', 'consumption by activated cells'),
  interleukin2DecayPerHour: assumed(0.006, '1/h', 'loss at 37 °C'),
  restingUptakeShare: assumed(0.12, '1', 'glucose uptake of a resting cell, share of a cycling one'),
  maintenanceShare: assumed(0.4, '1', 'share of glucose uptake that does not need growth'),
  lactateYieldMolPerMol: assumed(1.75, 'mol/mol', 'lactate from glucose in activated T cells, below the stoichiometric 2 (aerobic glycolysis)'),
  lactateYieldAnoxicMolPerMol: published(2, 'mol/mol', 'stoichiometry of fermentation, C6H12O6 to 2 C3H6O3 (any textbook of biochemistry, glycolysis)'),
  glutamineUptakeMmolPerHourPerBillion: assumed(0.018, 'mmol/h per 10^9 cells', 'reported for cultured lymphocytes in the order of 0.01 to 0.03'),
  ammoniaYieldMolPerMol: assumed(0.8, 'mol/mol', 'ammonia from glutamine'),
  glutamineBreakdownPerHour: published(0.0042, '1/h', 'first-order decomposition at 37 °C, pH 7.2; Ozturk, Palsson 1990, Chemical decomposition of glutamine in cell culture media, Biotechnol. Prog. 6(2), 121, doi 10.1021/bp00002a005; order of magnitude, a half-life of about a week'),
  vectorDecayPerHour: published(0.0667, '1/h', 'half-life of HIV-1 vectors at 37 °C about 10.4 h; Higashikawa, Chang 2001, Kinetic analyses of stability of simple and complex retroviral vectors, Virology 280(1), 124'),
  vectorUptakeMlPerHourPerMillion: assumed(0.02, 'mL/h per 10^6 cells', 'what cells of permissiveness 1 take up; in a still chamber most vector decays before it meets a cell'),
  integratedCopiesPerTu: assumed(0.6, 'copies/TU', 'of what a cycling T cell takes up, at most 1: a transducing unit is one copy in the cells it was counted on, which are more permissive; with the dose and vectorUptakeMlPerHourPerMillion 39 % CAR+ and 1.5 copies a CAR+ cell in the median. Reported: 37 % at 5 to 10 units a cell (Zhu et al. 2018, Cytotherapy 20(3), 394); 26 to 42 % and 1.5 to 2.5 copies (ARI-0001, PMC6319086, table 2)'),
  copyDispersion: assumed(1.6, '1', 'cells differ in permissiveness: shape of the negative binomial of copies'),
  memoryLossPerDoubling: assumed(0.2, '1 per doubling', 'differentiation with each doubling, before stress'),
  memoryLossStressShare: assumed(0.65, '1', 'added share of loss in a poor environment'),
  otherInterleukin2SpareShare: assumed(0.4, '1', 'share of their growth that cells without CD3 reach without IL-2'),
  oxygenTransferPerHour: assumed(9, '1/h', 'surface transfer with the chamber shaken (kLa)'),
  stillTransferShare: assumed(0.35, '1', 'share of the shaken gas transfer that a still chamber has'),
  oxygenSolubilityMmolPerLPerPercentAir: published(0.00207, 'mmol/L per % air saturation', 'about 0.207 mmol/L at 37 °C under air, as of saline and plasma: Christmas, Bassingthwaighte 2017, J. Appl. Physiol. 122, PMID 28235861'),
  oxygenUptakeMmolPerHourPerBillion: assumed(0.042, 'mmol/h per 10^9 cells', 'activated T cells, some 0.5 to 1 fmol/min a cell by extracellular flux'),
  bicarbonateMmolPerL: assumed(26, 'mmol/L', 'in medium buffered for 5 % CO2; 2.2 g/L of sodium bicarbonate, as recipes of such media give'),
  bicarbonateLowestMmolPerL: assumed(0.5, 'mmol/L', 'what other buffers stand for once bicarbonate is used up'),
  carbonDioxideSolubilityMmolPerLPerMmHg: published(0.0307, 'mmol/L per mmHg', 'of plasma at 37 °C: Christmas, Bassingthwaighte 2017, J. Appl. Physiol. 122, PMID 28235861'),
  acidConstant: published(6.1, '1', 'pK\' of carbonic acid in serum at 37 °C, pH 7.4: Severinghaus, Stupfel, Bradley 1956, J. Appl. Physiol. 9, 197'),
  carbonDioxideHighestMmHg: assumed(38, 'mmHg', '5 % CO2'),
  carbonDioxideLowestMmHg: assumed(9, 'mmHg', 'what the cells themselves make, once no CO2 is given'),
  temperatureLagHours: assumed(0.4, 'h', 'time constant of the chamber'),
  frailtyPerHour: assumed(0.01, '1/h', 'what each hour between collection and activation adds to the death of resting cells'),
  contaminantDoublings: assumed(26, '1', 'doublings from what comes in, some thousand, to the most the chamber holds, some 10^8 a mL'),
  contaminantDeathFactor: assumed(40, '1', 'factor that a chamber full of contaminant adds to the death of cells, by its toxins'),
  contaminantGlucoseMmolPerLPerHour: assumed(1.5, 'mmol/(L h)', 'taken by a chamber full of contaminant: some 0.1 g/L of dry mass, 10 to 15 mmol/(g h)'),
  contaminantAcidMolPerMol: assumed(1.5, 'mol/mol', 'acid from glucose, counted as lactate; mixed acid fermentation gives 1 to 2'),
  contaminantOxygenMmolPerLPerHour: assumed(1.5, 'mmol/(L h)', 'respired by a chamber full of contaminant, the same dry mass'),
  contaminantEndotoxinEuPerMl: assumed(3000, 'EU/mL', 'in the product of a chamber full of contaminant, washed; some 10^5 cells an EU; taken as Gram-negative'),
  supplyPressureBar: published(4, 'bar', 'nominal pressure of a hospital\'s gas pipeline, 400 kPa (ISO 7396-1)'),
  regulatorPressureBar: assumed(2, 'bar', 'what the regulator of the chamber gives, as long as the line holds it; below, the line\'s pressure'),
  oxygenAtRegulatorPercentAir: assumed(200, '% air saturation', 'richest gas the mixer makes at the regulator\'s pressure; flow through a fixed restrictor, and with it what the gas can hold up, is in proportion to pressure'),
  supplyFallHours: assumed(1.5, 'h', 'time constant with which a line that is no longer fed runs empty'),
} as const satisfies Record<string, Constant>;

export type KineticName = keyof typeof KINETICS;
