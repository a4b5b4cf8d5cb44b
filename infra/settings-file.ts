import type * as z from 'zod';

/**
 * A settings file of the network, parsed.
 *
 * @throws Error naming file, path of each wrong field and what was wanted
 */
export const parseSettings = <Shape extends z.ZodType>(schema: Shape, file: string, text: string): z.infer<Shape> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file}: the file is not JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new Error(result.error.issues.map(({ path, message }) => `${file}: ${path.map(String).join('.') || 'the file'}: ${message}`).join('\n'));
  return result.data;
};
