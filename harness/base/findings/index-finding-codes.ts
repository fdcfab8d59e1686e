// Codes about indexes, searches and constraints. Part of the table in finding-codes.ts, in the same form.

export const indexMeanings = {
  "index-missing": ["data", "An index did not come back.", "index"],
  "index-unexpected": ["data", "An index is there that the source does not have.", "index"],
  "index-not-operational": ["data", "An index is there and not ready to answer.", "Wait for it, or build it again."],
  "index-fields-differ": ["data", "An index came back with other fields or kinds.", "index"],
  "index-stopwords-differ": ["data", "A full-text index came back with other stopwords.", "index"],
  "index-language-differ": ["data", "A full-text index came back with another language.", "index"],
  "index-options-differ": ["data", "An index came back with other options of its fields or vectors.", "index"],
  "index-contradicts-scan": ["data", "An index gives other entities than reading everything does.", "index"],
  "index-answers-missing": ["data", "An index that must be asked gave no answer at all.", "index"],
  "index-inexact-in-engine": ["data", "The engine's index answered wrongly on the source already.", "index"],
  "fulltext-misses": ["data", "Full-text search does not find what is there.", "index"],
  "stopword-found": ["data", "A stopword finds entities; the list of stopwords is not what it was.", "index"],
  "search-failed": ["data", "A search of Graphiti's fails on the restored graph.", "index"],
  "search-differs": ["data", "A search of Graphiti's gives another answer than on the source.", "index"],
  "search-missing": ["data", "A search of Graphiti's was not answered at all.", "index"],
  "vector-recall-worse": [
    "data",
    "A vector index finds fewer of the nearest than the source's does.",
    "Drop the vector index and create it again: vectors that were written over stay in it and take the places of others.",
  ],
  "search-ranking-differs": [
    "data",
    "A ranked search gives another order, which depends on index statistics.",
    "index",
  ],
  "constraint-missing": ["data", "A constraint did not come back.", "Create the constraint again."],
  "constraint-unexpected": ["data", "A constraint is there that the source does not have.", "entity"],
  "constraint-not-operational": ["data", "A constraint is there and not in force.", "Wait for it, or create it again."],
  "constraint-not-enforced": ["data", "A constraint let a violation pass.", "Create the constraint again."],
} as const;
