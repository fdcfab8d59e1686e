// Profiles: how much a drill does by default. A flag always wins over the profile.

export const profileNames = ["pr", "drill", "nightly", "release"] as const;
export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  readonly name: ProfileName;
  readonly about: string;
  /** Number of nodes in scenarios that scale; the others have a fixed size. */
  readonly nodes: number;
  readonly dims: number;
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  pr: { name: "pr", about: "on every change: small graphs, the claims that break most easily", nodes: 2_000, dims: 16 },
  drill: {
    name: "drill",
    about: "at a desk, in two minutes: one or two claims of each group",
    nodes: 10_000,
    dims: 64,
  },
  nightly: {
    name: "nightly",
    about: "every night: every claim, at 100k nodes where it scales",
    nodes: 100_000,
    dims: 64,
  },
  release: {
    name: "release",
    about: "before a release: every claim, at 1m nodes where it scales",
    nodes: 1_000_000,
    dims: 0,
  },
};
