/** How one patient's cells differ; drawn once per batch. */
export type CellTraits = Readonly<{
  growthPerHour: number;
  deathPerHour: number;
  /** Factor on the death of cells not activated. */
  frailtyFactor: number;
  /** Factor on what every want or excess kills. */
  sensitivityFactor: number;
  /** Of cycling cells. */
  glucoseUptakeMmolPerHourPerBillion: number;
  /** Doublings after which the cells stop dividing. */
  doublingLimit: number;
  /** Specific growth and death of cells without CD3. */
  otherGrowthPerHour: number;
  otherDeathPerHour: number;
  /** Factor on the uptake of vector. */
  permissivenessFactor: number;
  /** Of memory phenotype, among the cells that become active. */
  startingMemoryShare: number;
}>;

/** What the equipment and the recipe hold constant between two breakpoints; changes happen at breakpoints only. */
export type Conditions = {
  /** What really flows, after faults. */
  feedMlPerHour: number;
  wasteMlPerHour: number;
  feedGlucoseMmolPerL: number;
  feedGlutamineMmolPerL: number;
  feedInterleukin2IuPerMl: number;
  /** Set-point of dissolved oxygen and the highest asked of the gas. */
  oxygenSetPointPercentAir: number;
  oxygenHighestPercentAir: number;
  /** Pressure towards which the gas line goes, from what it was at a time. */
  supplyTargetBar: number;
  supplyFromBar: number;
  supplyFromHour: number;
  /** Factor on gas transfer (shaking). */
  transferFactor: number;
  phSetPoint: number;
  /** The probe's reading minus the truth, and how fast it grows since `phOffsetFromHour`. */
  phOffset: number;
  phOffsetPerHour: number;
  phOffsetFromHour: number;
  /** Temperature towards which the chamber goes, from the one it had at a time. */
  temperatureTargetCelsius: number;
  temperatureFromCelsius: number;
  temperatureFromHour: number;
  /** Doublings of a contaminant in the best of conditions; 0 while there is none. */
  contaminantPerHour: number;
  /** From what no one measures: lots, the unknown of a day. */
  growthFactor: number;
};
