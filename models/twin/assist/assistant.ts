import type { Generator } from '../../random/generator.ts';
import type { Batch } from '../draw/batch.ts';
import type { Fault } from '../draw/fault.ts';
import { EXTENSION_HOURS, isRepairable, type Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { followFaults, lasts } from './detect.ts';
import { assimilate, ensembleAt72, ensembleStream, type Particle } from './ensemble.ts';
import type { Library } from './library.ts';
import { knownOf, type Known } from '../seen/known.ts';
import type { Reading } from '../seen/sensors.ts';
import { FIRST_ROUND_HOUR, hasResults, ROUND_EVERY_HOURS } from '../seen/rounds.ts';
import { bestHourOf, bestOf, harvestHoursOf, isNowOrNever, outlookOf, outlooksAt, type Outlook } from './look-ahead.ts';
import { correctiveCourses, type Plan } from './plans.ts';
import type { Aim } from './policy.ts';
import type { Answer } from './scientist.ts';

/** `signed`: in time to be done. `fromHour`: when it took or takes effect, where it was signed. */
export type Advice = Readonly<{ hour: number; plan: string; signed: boolean; fromHour: number | undefined; kind: 'intervention' | 'repair' | 'harvest' }>;

/** The course of one assisted batch: what was read, guessed, proposed, signed and done. */
export type Course = {
  readonly known: Known; readonly readings: Reading[]; particles: Particle[]; actions: Action[]; faults: readonly Fault[]; readonly advice: Advice[];
  /** Signed hour of harvest; undefined while the recipe's holds. The best one when last looked ahead, with or without a signature. */
  harvestHour: number | undefined; bestHarvestHour: number; /** Whether a plan is worth asking for, and waits for tomorrow. */ hasPlanInWaiting: boolean; stopHour: number | undefined; extended: boolean;
  /** Days in a row on which no plan had a chance. */
  hopelessDays: number;
};

/** A guess that nothing helps must stand this many days before stopping is proposed: a stop can not be taken back. */
const DAYS_TO_STOP = 2;

export const openCourse = (world: World, batch: Batch): Course => ({ known: knownOf(world, batch), readings: [], particles: [], actions: [], faults: [], advice: [], harvestHour: undefined, bestHarvestHour: 0, hasPlanInWaiting: false, stopHour: undefined, extended: false, hopelessDays: 0 });

/** Hour at which a culture ends by what was signed so far. */
export const endOf = (world: World, course: Pick<Course, 'harvestHour' | 'extended'>): number => course.harvestHour ?? world.recipe.harvestHour + (course.extended ? EXTENSION_HOURS : 0);

/** What was signed but would have begun when the culture had ended, by what was signed after it, is no intervention either. */
export const takenUp = (advice: readonly Advice[], endHour: number): readonly Advice[] => advice.map((each) => (each.fromHour !== undefined && each.kind !== 'harvest' && each.fromHour > endHour ? { ...each, signed: false } : each));

/** How a scientist answers a proposal of an hour. */
export type Answers = (hour: number, random: Generator) => Answer;
type Asked = Readonly<{ world: World; aim: Aim; course: Course; hour: number; scientist: Generator; answers: Answers }>;

/** Hour from which a signed proposal holds. Signed when the culture has ended, it is as if it had not been. */
const ask = ({ world, course, hour, scientist, answers }: Asked, plan: string, kind: Advice['kind']): number | undefined => {
  const answer = answers(hour, scientist);
  const fromHour = answer.signed && answer.hour < endOf(world, course) ? answer.hour : undefined;
  course.advice.push({ hour, plan, signed: fromHour !== undefined, fromHour, kind });
  return fromHour;
};

/** A repair for each fault that lasts: one mends no other. */
const proposeRepairs = (asked: Asked): void => {
  const { course, hour } = asked;
  for (const { name } of course.faults.filter(lasts)) {
    const underWay = course.actions.some((action) => action.type === 'repair-equipment' && action.fault === name && action.hour > hour - ROUND_EVERY_HOURS);
    if (underWay || !isRepairable(name)) continue;
    const at = ask(asked, `repair ${name}`, 'repair');
    if (at !== undefined) course.actions.push({ type: 'repair-equipment', fault: name, hour: at });
  }
};

/** Guesses played forward: those that follow the readings are more, so that they stay different from each other. */
const PLAYED = 32;
/** Every so many of the guesses, in their order. */
const some = (particles: readonly Particle[], count: number): readonly Particle[] => {
  const every = Math.max(1, Math.floor(particles.length / count));
  return particles.filter((_, i) => i % every === 0);
};

/** What comes of it when nothing more is done than was signed. */
const carryOn = ({ world, aim, course }: Asked): Outlook => outlookOf(world, some(course.particles, PLAYED), course.actions, { name: 'carry on', actions: [], harvest: course.extended ? 'extended' : 'free' }, aim);

/** Plans worth a closer look are found on a part of the guesses. */
const [SCREENED_ON, LOOKED_AT] = [8, 4] as const;

/** About how long after it is asked for a plan begins: a person has to answer. Hours. */
const ANSWERED_AFTER_HOURS = 4;

/** What is left of the actions signed when a new plan begins at an hour: it takes the place of all that was still to come of those before; repairs stay. */
const begunBy = (actions: readonly Action[], hour: number): readonly Action[] => actions.filter((action) => action.hour <= hour || action.type === 'repair-equipment');

/** The best plan of the catalogue: all tried on a few guesses, the best of them on more. To go on as it was has been played on those already. */
const bestPlan = ({ world, aim, course: { particles, actions, extended }, hour }: Asked, untouched: Outlook): Outlook => {
  const from = hour + ANSWERED_AFTER_HOURS;
  const isUntouched = (plan: Plan): boolean => plan.actions.length === 0 && plan.harvest === (extended ? 'extended' : 'free');
  const outlook = (guesses: readonly Particle[], plan: Plan): Outlook => outlookOf(world, guesses, plan.actions.length === 0 ? actions : begunBy(actions, from), plan, aim);
  const screened = correctiveCourses(from).map((plan) => outlook(some(particles, SCREENED_ON), plan)).sort((a, b) => b.worth - a.worth);
  return bestOf(screened.slice(0, LOOKED_AT).map(({ plan }) => (isUntouched(plan) ? { ...untouched, plan } : outlook(some(particles, PLAYED), plan))));
};

const DAY_HOURS = 24;
const later = (plan: Plan, hours: number): Plan => ({ ...plan, actions: plan.actions.map((action) => ({ ...action, hour: action.hour + hours })) });

/** Whether a plan can wait for the results of tomorrow's sample: begun a day later it is worth as much, so nothing is lost by knowing more first. An extension alone can wait until the last day. */
const canWait = ({ world, aim, course: { particles, actions }, hour }: Asked, { plan, worth }: Outlook): boolean => {
  if (plan.actions.length === 0) return hour + DAY_HOURS < world.recipe.harvestHour - ANSWERED_AFTER_HOURS;
  const postponed = outlookOf(world, some(particles, PLAYED), begunBy(actions, hour + DAY_HOURS + ANSWERED_AFTER_HOURS), later(plan, DAY_HOURS), aim);
  return worth - postponed.worth < aim.worthHaste;
};

/** Whether a plan is worth a person's time now: more by enough than none, and, where the culture may well pass without it, than itself begun tomorrow. Where nothing has had a chance the best is tried at once. */
const isWorthAsking = (asked: Asked, best: Outlook, untouched: Outlook): boolean => {
  const { course, aim } = asked;
  if (course.hopelessDays > 0) return best.worth >= untouched.worth;
  if (best.worth < untouched.worth + aim.worthAsking) return false;
  course.hasPlanInWaiting = untouched.chance >= aim.hopeful && canWait(asked, best);
  return !course.hasPlanInWaiting;
};

/** Propose a corrective plan, or, when none has had a chance for days, to stop and collect again. */
const proposePlan = (asked: Asked, untouched: Outlook): void => {
  const { course, hour } = asked;
  const best = bestPlan(asked, untouched);
  if (Number.isNaN(best.chance)) return;
  course.hopelessDays = best.chance < asked.aim.hopeless ? course.hopelessDays + (hasResults(hour) ? 1 : 0) : 0;
  if (course.hopelessDays > DAYS_TO_STOP) {
    const at = ask(asked, 'stop and recollect', 'intervention');
    if (at !== undefined) course.stopHour = at;
    return;
  }
  if (best.plan.actions.length === 0 && (best.plan.harvest !== 'extended' || course.extended)) return;
  if (!isWorthAsking(asked, best, untouched)) return;
  const at = ask(asked, best.plan.name, 'intervention');
  if (at === undefined) return;
  if (best.plan.actions.length > 0) course.actions = [...begunBy(course.actions, at), ...later(best.plan, at - hour - ANSWERED_AFTER_HOURS).actions];
  if (best.plan.harvest === 'extended') course.extended = true;
};

/** How long before a harvest it is asked for, hours: in the afternoon for the next morning, so that one that is refused can be asked for again at night, and one signed late is not a day late. */
const HARVEST_ASKED_BEFORE_HOURS = 18;

/** Whether an hour of harvest may be asked for now. An early one that is not safe is left to the last round before it, and is not the best that is left while a plan waits. */
export const isHarvestDue = ({ world, aim, course, hour }: Pick<Asked, 'world' | 'aim' | 'hour'> & Readonly<{ course: Pick<Course, 'harvestHour' | 'extended' | 'hasPlanInWaiting'> }>, outlook: Pick<Outlook, 'harvestHour' | 'chance' | 'highestChance'>): boolean => {
  const { harvestHour, chance } = outlook;
  if (harvestHour === endOf(world, course)) return false;
  if (harvestHour >= world.recipe.harvestHour || chance >= aim.safe) return harvestHour <= hour + HARVEST_ASKED_BEFORE_HOURS;
  return harvestHour <= hour + ROUND_EVERY_HOURS && !course.hasPlanInWaiting && isNowOrNever(outlook, aim);
};

/** Propose the hour of harvest when it has come: an early one when it is safe, or when every later one is less likely to pass. */
const proposeHarvest = (asked: Asked, outlook: Outlook): void => {
  if (Number.isNaN(outlook.chance) || !isHarvestDue(asked, outlook)) return;
  const at = ask(asked, `harvest at ${outlook.harvestHour} h`, 'harvest');
  if (at !== undefined) asked.course.harvestHour = Math.max(at, outlook.harvestHour);
};

/** Whether a plan was refused in the round before: it is looked at again, on new readings, not a day later. */
const wasRefused = ({ advice }: Course, hour: number): boolean => advice.some((each) => each.kind === 'intervention' && !each.signed && each.hour === hour - ROUND_EVERY_HOURS);

/** Propose to extend a culture that is sound but not yet what the policy is after, on the last day on which a person can still answer. */
const proposeExtension = (asked: Asked, untouched: Outlook): void => {
  const { world, aim, course, hour } = asked;
  const planned = world.recipe.harvestHour;
  if (!aim.extendsSound || course.extended || hour + DAY_HOURS < planned || untouched.chance < aim.unsafe) return;
  const plan: Plan = { name: 'extend culture', actions: [], harvest: 'extended' };
  const longer = outlookOf(world, some(course.particles, PLAYED), course.actions, plan, aim);
  if (longer.harvestHour <= planned || longer.worth < untouched.worth + aim.worthAsking) return;
  if (ask(asked, plan.name, 'intervention') !== undefined) course.extended = true;
};

/** A round without results looks ahead only when the harvest was near at the round before: its readings alone seldom move it far. Hours. */
const SOON_HOURS = 36;

/** What is proposed for the culture itself, once its guesses follow the latest reading. */
const proposeForCulture = (asked: Asked, alerted: boolean): void => {
  const { aim, course, hour } = asked;
  const isDue = hour >= aim.earliestHarvestHour - HARVEST_ASKED_BEFORE_HOURS;
  const isAsked = hour === FIRST_ROUND_HOUR ? alerted : hasResults(hour) || wasRefused(course, hour);
  if (!isAsked && !(isDue && course.bestHarvestHour <= hour + SOON_HOURS)) return;
  const { actions, extended } = course;
  const untouched = carryOn(asked);
  course.bestHarvestHour = untouched.harvestHour;
  if (isAsked) course.hasPlanInWaiting = false;
  if (isAsked && (hour === FIRST_ROUND_HOUR || untouched.chance < aim.unsafe)) proposePlan(asked, untouched);
  if (!isDue || course.stopHour !== undefined) return;
  if (isAsked) proposeExtension(asked, untouched);
  proposeHarvest(asked, course.actions === actions && course.extended === extended ? untouched : carryOn(asked));
};

/** What happens at a harvest that nothing is changed for. */
const AS_IT_IS: Plan = { name: 'carry on', actions: [], harvest: 'free' };

/** Put off a signed harvest, up to the end it came before: one that a later reading shows not to be safe any more, where a later hour is worth more by enough. Of an extended culture too. */
const reconsiderHarvest = (asked: Asked, signedHour: number): void => {
  const { world, aim, course } = asked;
  const last = endOf(world, { ...course, harvestHour: undefined });
  if (signedHour >= last) return;
  const outlooks = outlooksAt(world, some(course.particles, PLAYED), course.actions, { plan: AS_IT_IS, hours: [signedHour, ...harvestHoursOf(world, signedHour + 1, last)] }, aim);
  const [asSigned, best] = [outlooks[0], bestHourOf(outlooks)];
  if (asSigned === undefined || !(asSigned.chance < aim.safe) || best.worth < asSigned.worth + aim.worthAsking) return;
  const at = ask(asked, `harvest at ${best.harvestHour} h`, 'harvest');
  if (at !== undefined) course.harvestHour = best.harvestHour;
};

/**
 * Take in one reading from the first round after hour 72 on, and propose what follows from it: repairs, a corrective plan, the hour of harvest. Every proposal needs a signature.
 *
 * @param alerted whether the 72-hour prediction (or the rule that stands in for it) asks for a look-ahead
 */
export const adviseAt = (world: World, library: Library, batch: Batch, course: Course, options: Readonly<{ alerted: boolean; particles: number; aim: Aim; answers: Answers }>): void => {
  const reading = course.readings.at(-1);
  if (reading === undefined || reading.hour < FIRST_ROUND_HOUR) return;
  const { hour } = reading;
  const scientist = ensembleStream(batch, `scientist/${hour}`);
  const random = ensembleStream(batch, `ensemble/${hour}`);
  const asked = { world, aim: options.aim, course, hour, scientist, answers: options.answers };
  if (hour === FIRST_ROUND_HOUR) course.particles = ensembleAt72(library, course.known, course.readings, options.particles, random);
  course.faults = followFaults(course.faults, course.readings, world.recipe.temperatureCelsius);
  course.particles = assimilate(world, course.particles, reading, { actions: course.actions, faults: course.faults }, random);
  proposeRepairs(asked);
  if (course.particles.length === 0) return;
  if (course.harvestHour === undefined) proposeForCulture(asked, options.alerted);
  else reconsiderHarvest(asked, course.harvestHour);
};
