import { cycle, fullCyclePlan, scenario } from "falkordrill";

// One claim of yours: its title is true if it passes. `falkordrill run team` runs it.
scenario({
  id: "team/quiet-night",
  title: "The backup of a quiet night restores to the last property",
  profiles: ["pr", "drill"],
  nodes: 1000,
  run: async (drill) => {
    await cycle(drill, { ...fullCyclePlan, writers: 0, rawLimits: false });
  },
});
