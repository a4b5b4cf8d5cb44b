"""One culture by scipy's RK45: the equations of models/twin/culture/rates.ts in plain Python, as fast as plain Python goes (scalars, the math module, nothing looked up twice)."""
import json
import sys
import time
from math import exp, log, log10, sqrt

import numpy
from scipy.integrate import solve_ivp


def rates_of(k, traits, c):
    growth_rate, death_rate, sensitivity, frailty, uptake_rate, limit = (traits[n] for n in ('growthPerHour', 'deathPerHour', 'sensitivityFactor', 'frailtyFactor', 'glucoseUptakeMmolPerHourPerBillion', 'doublingLimit'))
    other_growth_rate, other_death_rate, permissiveness, memory_at_start = (traits[n] for n in ('otherGrowthPerHour', 'otherDeathPerHour', 'permissivenessFactor', 'startingMemoryShare'))
    feed, waste, feed_glucose, feed_glutamine, feed_il2 = (c[n] for n in ('feedMlPerHour', 'wasteMlPerHour', 'feedGlucoseMmolPerL', 'feedGlutamineMmolPerL', 'feedInterleukin2IuPerMl'))
    set_point, highest, growth_factor = (c[n] for n in ('oxygenSetPointPercentAir', 'oxygenHighestPercentAir', 'growthFactor'))
    # constant conditions: a full gas line, and a contaminant or none from the start
    highest = min(highest, k['oxygenAtRegulatorPercentAir'] * min(1, c['supplyTargetBar'] / k['regulatorPressureBar']))
    set_point = min(set_point, highest)
    contaminant_rate, contaminant_full, contaminant_breath = c['contaminantPerHour'], k['contaminantDoublings'], k['contaminantOxygenMmolPerLPerHour'] / k['oxygenUptakeMmolPerHourPerBillion']
    contaminant_kills, contaminant_eats, contaminant_acid = k['contaminantDeathFactor'], k['contaminantGlucoseMmolPerLPerHour'], k['contaminantAcidMolPerMol']
    transfer = k['oxygenTransferPerHour'] * c['transferFactor']
    demand_a_cell = k['oxygenUptakeMmolPerHourPerBillion'] / k['oxygenSolubilityMmolPerLPerPercentAir'] / transfer
    uptake_half = k['oxygenUptakeHalfPercentAir']
    solubility, acid, bicarbonate_start, bicarbonate_lowest = k['carbonDioxideSolubilityMmolPerLPerMmHg'], k['acidConstant'], k['bicarbonateMmolPerL'], k['bicarbonateLowestMmolPerL']
    co2_highest, co2_lowest = k['carbonDioxideHighestMmHg'], k['carbonDioxideLowestMmHg']
    aim = solubility * 10 ** (c['phSetPoint'] - acid)
    warmth = c['temperatureTargetCelsius'] - 37
    on_warmth = exp(-(warmth / (k['temperatureWidthBelowCelsius'] if warmth < 0 else k['temperatureWidthAboveCelsius'])) ** 2)
    cold = k['temperatureKillsPerHour'] * (1 - on_warmth) ** 2
    glucose_half, glutamine_half, spare, il2_half, lactate_half, ammonia_half, oxygen_half = (k[n] for n in ('glucoseHalfMmolPerL', 'glutamineHalfMmolPerL', 'glutamineSpareShare', 'interleukin2HalfIuPerMl', 'lactateHalfMmolPerL', 'ammoniaHalfMmolPerL', 'oxygenHalfPercentAir'))
    ph_optimum, ph_width, crowding, power = k['phOptimum'], k['phWidth'], k['crowdingMillionPerMl'], k['exhaustionPower']
    starve, lactic, ammonic, airless, ph_kills, il2_kills, spent_kills = (k[n + 'KillsPerHour'] for n in ('starvation', 'lactate', 'ammonia', 'oxygen', 'ph', 'interleukin2', 'exhaustion'))
    resting_death = k['restingDeathPerHour'] * frailty
    activation, delay, spread, decay = k['activationPerHour'], k['activationDelayHours'], k['activationSpreadHours'], k['stimulusDecayPerHour']
    other_spare = k['otherInterleukin2SpareShare']
    keep, resting_uptake, lactate_yield = k['maintenanceShare'], k['restingUptakeShare'], k['lactateYieldMolPerMol']
    more_lactate = k['lactateYieldAnoxicMolPerMol'] - lactate_yield
    take, breakdown, ammonia_yield, enter_rate, vector_decay = k['glutamineUptakeMmolPerHourPerBillion'], k['glutamineBreakdownPerHour'], k['ammoniaYieldMolPerMol'], k['vectorUptakeMlPerHourPerMillion'], k['vectorDecayPerHour']
    integrated = k['integratedCopiesPerTu']
    enter_rate *= permissiveness
    il2_uptake, il2_decay, lysis = k['interleukin2UptakeIuPerHourPerMillion'], k['interleukin2DecayPerHour'], k['lysisPerHour']
    memory_loss, memory_stress, ln2 = k['memoryLossPerDoubling'], k['memoryLossStressShare'], log(2)

    def rates(hour, y):
        resting, cycling, dead, other, stimulus, il2, glucose, glutamine, lactate, ammonia, vector, copies, doublings, memory, volume, contaminant = y.tolist()
        if il2 < 0: il2 = 0.0
        if glucose < 0: glucose = 0.0
        if glutamine < 0: glutamine = 0.0
        if lactate < 0: lactate = 0.0
        if ammonia < 0: ammonia = 0.0
        if vector < 0: vector = 0.0
        viable = resting + cycling + other
        load = min(1.0, 2 ** (contaminant - contaminant_full)) if contaminant_rate > 0 else 0.0
        demand = demand_a_cell * ((viable if viable > 0 else 0.0) + contaminant_breath * load)
        if set_point + demand * set_point / (uptake_half + set_point) <= highest:
            oxygen = set_point
        else:
            b = uptake_half + demand - highest
            oxygen = 0.5 * (-b + sqrt(b * b + 4 * uptake_half * highest))
        bicarbonate = bicarbonate_start - lactate + ammonia
        if bicarbonate < bicarbonate_lowest: bicarbonate = bicarbonate_lowest
        pressure = bicarbonate / aim
        if pressure > co2_highest: pressure = co2_highest
        elif pressure < co2_lowest: pressure = co2_lowest
        ph = acid + log10(bicarbonate / (solubility * pressure))
        on_glucose = glucose / (glucose_half + glucose)
        by_glutamine = glutamine / (glutamine_half + glutamine)
        on_il2 = il2 / (il2_half + il2)
        ratio = lactate / lactate_half
        on_lactate = 1 / (1 + ratio * ratio)
        ratio = ammonia / ammonia_half
        on_ammonia = 1 / (1 + ratio * ratio)
        on_oxygen = oxygen / (oxygen_half + oxygen)
        off = (ph - ph_optimum) / ph_width
        on_ph = exp(-off * off)
        spent = (doublings / limit) ** power
        if spent > 1: spent = 1.0
        room = 1 - viable / crowding
        if room < 0: room = 0.0
        health = on_glucose * (spare + (1 - spare) * by_glutamine) * on_lactate * on_ammonia * on_oxygen * on_ph * on_warmth
        growth = growth_rate * growth_factor * health * on_il2 * (1 - spent) * room
        harm = starve * (1 - on_glucose) ** 2 + lactic * (1 - on_lactate) ** 2 + ammonic * (1 - on_ammonia) ** 2 + airless * (1 - on_oxygen) ** 2 + ph_kills * (1 - on_ph) ** 2 + cold + il2_kills * (1 - on_il2) ** 2 + spent_kills * spent
        killing = 1 + contaminant_kills * load
        death = (death_rate + sensitivity * harm) * killing
        resting_loss = resting_death * killing
        other_loss = other_death_rate * killing
        recruited = activation * stimulus / (1 + exp(-(hour - delay) / spread)) * resting
        newcomers = recruited / cycling if cycling > 1e-12 else 0.0
        uptake = uptake_rate * on_glucose * (cycling * (keep + (1 - keep) * (growth / growth_rate)) + resting_uptake * resting + keep * other)
        taken = take * by_glutamine * (cycling + keep * (resting + other))
        broken = breakdown * glutamine
        eaten = contaminant_eats * load * on_glucose
        entering = enter_rate * vector
        dilution = feed / volume
        thinning = (feed - waste) / volume
        return [
            -recruited - resting * (resting_loss + thinning),
            recruited + cycling * (growth - death - thinning),
            cycling * death + resting * resting_loss + other * other_loss - dead * (lysis + thinning),
            other * (other_growth_rate * health * (other_spare + (1 - other_spare) * on_il2) * room - other_loss - thinning),
            -stimulus * (decay + dilution),
            dilution * (feed_il2 - il2) - il2_uptake * cycling * on_il2 - il2_decay * il2,
            dilution * (feed_glucose - glucose) - uptake - eaten,
            dilution * (feed_glutamine - glutamine) - taken - broken,
            -dilution * lactate + (lactate_yield + more_lactate * (1 - on_oxygen)) * uptake + contaminant_acid * eaten,
            -dilution * ammonia + ammonia_yield * taken + broken,
            -vector * (vector_decay + dilution) - entering * (resting + cycling),
            integrated * entering - newcomers * copies,
            growth / ln2 - newcomers * doublings,
            -memory_loss * growth / ln2 * memory * (1 + memory_stress * (1 - health)) + newcomers * (memory_at_start - memory),
            feed - waste,
            contaminant_rate * on_glucose * (1 - load) - dilution / ln2 if contaminant_rate > 0 else 0.0,
        ]

    return rates


task = json.load(sys.stdin)
start = numpy.array(task['state'])
rates = rates_of(task['kinetics'], task['traits'], task['conditions'])
hours = task['hours']
minutes = numpy.arange(task['points']) / 60


def seconds(output):
    best = float('inf')
    for _ in range(task['runs']):
        began = time.perf_counter()
        solved = solve_ivp(rates, (0, hours), start, 'RK45', minutes if output else None, rtol=task['relative'], atol=task['absolute'])
        best = min(best, time.perf_counter() - began)
        assert solved.success
    return best, solved


with_output, solution = seconds(True)
without, _ = seconds(False)
print(json.dumps({'withOutput': with_output, 'without': without, 'evaluations': solution.nfev, 'everyHour': solution.y[:, ::60].tolist()}))
