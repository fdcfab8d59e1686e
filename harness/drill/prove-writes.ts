export interface Loss { writes: number; spanMs: number }
export async function proveWrites(..._: unknown[]): Promise<Loss | undefined> { return undefined; }
