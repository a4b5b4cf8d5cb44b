/** Standard base64, in the one way to write it. @returns undefined for anything else @see RFC 4648 sections 3.5 and 4 */
export const decodeBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};
