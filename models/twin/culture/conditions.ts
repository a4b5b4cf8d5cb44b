/** How one patient's cells differ; drawn once per batch. Rates 1/h. */
export type CellTraits = Readonly<{
  growthPerHour: number;
  deathPerHour: number;
  /** Factor on the death of cells not activated. */
  frailty: number;
  /** Factor on what every want or excess kills. */
  sensitivity: number;
  /** mmol/h per 10^9 cycling cells. */
  glucoseUptake: number;
  /** Doublings after which the cells stop dividing. */
  doublingLimit: number;
  /** Specific growth and death of cells without CD3, 1/h. */
  otherGrowthPerHour: number;
  otherDeathPerHour: number;
  /** Factor on the uptake of vector. */
  permissiveness: number;
  /** Share of memory phenotype among the cells that become active. */
  memoryAtStart: number;
}>;

/** What the equipment and the recipe hold constant between two breakpoints; changes happen at breakpoints only. */
export type Conditions = {
  /** mL/h that really flow, after faults. */
  feedMlPerHour: number;
  wasteMlPerHour: number;
  feedGlucose: number;
  feedGlutamine: number;
  /** IU/mL. */
  feedInterleukin2: number;
  /** Set-point of dissolved oxygen and the highest asked of the gas, % air saturation. */
  oxygenSetPoint: number;
  oxygenHighest: number;
  /** bar towards which the pressure in the gas line goes, from what it was at a time. */
  supplyTarget: number;
  supplyFrom: number;
  supplyFromHour: number;
  /** Factor on gas transfer (shaking). */
  transferFactor: number;
  phSetPoint: number;
  /** The probe's reading minus the truth, and how fast it grows (1/h) since `phOffsetFromHour`. */
  phOffset: number;
  phOffsetPerHour: number;
  phOffsetFromHour: number;
  /** °C towards which the chamber goes, from the temperature it had at a time. */
  temperatureTarget: number;
  temperatureFrom: number;
  temperatureFromHour: number;
  /** Doublings an hour of a contaminant in the best of conditions; 0 while there is none. */
  contaminantPerHour: number;
  /** Factors on growth and death from what no one measures: lots, operators, the unknown. */
  growthFactor: number;
  deathFactor: number;
};
