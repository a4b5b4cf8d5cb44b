/** A network that could not be made ready does not stay half-started: it stops, and the first error is told, the one of the stop beside it. */
export const orStop = async <Value>(network: Readonly<{ stop(): Promise<void> }>, makeReady: () => Promise<Value> | Value): Promise<Value> => {
  try {
    return await makeReady();
  } catch (error) {
    await network.stop().catch((second: unknown) => {
      const [why, also] = [error, second].map((each) => (each instanceof Error ? each.message : String(each)));
      throw new AggregateError([error, second], `${why ?? ''}; and the network did not stop: ${also ?? ''}`);
    });
    throw error;
  }
};
