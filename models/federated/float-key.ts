const scratch = new DataView(new ArrayBuffer(4));
const SIGN = 0x80000000;

/** Bits of a float32 as an integer in [0, 2^32) that sorts as the numbers do; −0 counts as 0. @param value not NaN */
export const keyOfFloat = (value: number): number => {
  scratch.setFloat32(0, value === 0 ? 0 : value);
  const bits = scratch.getUint32(0);
  return (bits >= SIGN ? ~bits : bits | SIGN) >>> 0;
};

/** The float32 whose key this is; the inverse of `keyOfFloat`. */
export const floatOfKey = (key: number): number => {
  scratch.setUint32(0, (key >= SIGN ? key & ~SIGN : ~key) >>> 0);
  return scratch.getFloat32(0);
};
