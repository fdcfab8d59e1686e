// The numbers behind each shape: how many of what, how long texts are, how often events happen. Measured values of real
// Graphiti graphs where there are any, estimates where not; `generate --stats` prints both side by side.
import type { Quantiles } from "./random.ts";

export interface Profile {
  /** Episodes as a share of all nodes; entities take what episodes, communities and sagas leave. */
  readonly episodeShare: number;
  readonly mentionsPerEpisode: number;
  /** Facts (RELATES_TO) per entity. */
  readonly factsPerEntity: number;
  /** Episodes that mention nothing. */
  readonly silentShare: number;
  /** How uneven the episodes are: the relative weight of one when mentions and facts are dealt out. */
  readonly activity: Quantiles;
  /** Larger means a smaller hub: the weight of the k-th entity is 1 / (k + hubOffset). */
  readonly hubOffset: number;
  /** How often a mention of an older entity goes straight to the first entity, the user whose memory it is. */
  readonly userShare: number;
  /** Share of the entities that are a member of a community. */
  readonly communityShare: number;
  /** Every n-th block of episodes is a saga; 0 makes no sagas. */
  readonly sagaEvery: number;
  readonly typedEntities: boolean;
  readonly validShare: number;
  readonly invalidatedShare: number;
  /** invalid_at without expired_at, as an extraction with both dates leaves it. */
  readonly endedShare: number;
  readonly repeatedShare: number;
  readonly contentLength: Quantiles;
  readonly summaryLength: Quantiles;
  /** Length of what a fact says beyond the two names and the relation. */
  readonly factTail: Quantiles;
}

const base: Profile = {
  episodeShare: 0.42,
  mentionsPerEpisode: 3.1,
  factsPerEntity: 1.45,
  silentShare: 0.12,
  activity: [1, 2, 5, 14, 40, 60],
  hubOffset: 1,
  userShare: 0.4,
  communityShare: 0.5,
  sagaEvery: 2,
  typedEntities: true,
  validShare: 0.8,
  invalidatedShare: 0.12,
  endedShare: 0.012,
  repeatedShare: 0.12,
  contentLength: [60, 630, 1700, 5000, 20_000, 40_000],
  summaryLength: [0, 330, 680, 1090, 1800, 2000],
  factTail: [4, 8, 28, 90, 160, 220],
};

/** One person's memory: long chat transcripts, a strong hub (the user), as in the two measured graphs. */
export const personalProfile: Profile = base;

/** Short messages of many people. */
export const teamProfile: Profile = {
  ...base,
  hubOffset: 4,
  userShare: 0.05,
  contentLength: [20, 150, 300, 600, 5000, 8000],
  summaryLength: [0, 120, 350, 900, 1000, 1000],
};

/** A big shared graph whose rows weigh about what the measured raw limits were taken on. */
export const largeProfile: Profile = {
  ...base,
  episodeShare: 0.3,
  mentionsPerEpisode: 3.2,
  factsPerEntity: 1.35,
  silentShare: 0.05,
  activity: [2, 3, 5, 9, 16, 20],
  hubOffset: 24,
  userShare: 0,
  communityShare: 0.1,
  sagaEvery: 4,
  contentLength: [40, 110, 190, 300, 800, 1200],
  summaryLength: [0, 120, 200, 280, 400, 500],
  factTail: [4, 8, 24, 50, 100, 160],
};
