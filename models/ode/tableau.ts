/**
 * The explicit Runge-Kutta pair of order 5(4) with seven stages, the last shared with the next step.
 *
 * @see Dormand, Prince 1980, J. Comput. Appl. Math. 6(1) 19-26 (nodes, weights, error weights)
 * @see Shampine 1986, Math. Comput. 46(173) 135-150 (interpolant of order 4 within a step)
 */
export const A21 = 1 / 5;
export const [A31, A32] = [3 / 40, 9 / 40] as const;
export const [A41, A42, A43] = [44 / 45, -56 / 15, 32 / 9] as const;
export const [A51, A52, A53, A54] = [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729] as const;
export const [A61, A62, A63, A64, A65] = [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656] as const;
export const [B1, B3, B4, B5, B6] = [35 / 384, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84] as const;
/** Difference of the weights of order 5 and 4. */
export const [E1, E3, E4, E5, E6, E7] = [-71 / 57600, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40] as const;
/** Nodes of the stages 2 to 5; 6 and 7 are at 1. */
export const [C2, C3, C4, C5] = [1 / 5, 3 / 10, 4 / 5, 8 / 9] as const;

/** Coefficients of θ, θ², θ³, θ⁴ for each stage of the interpolant; stage 2 has none, stage 1 is 1 in θ and the others 0. */
export const INTERPOLANT = {
  stage1: [1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432],
  stage3: [0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799],
  stage4: [0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072],
  stage5: [0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632],
  stage6: [0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844],
  stage7: [0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423],
} as const;
