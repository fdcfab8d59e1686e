// Runs with every test file. Files share their process (vitest.config.ts), and `unstubEnvs` acts before a test: what the
// last test of a file set in the environment would reach the set-up of the next file.
import { afterAll, vi } from "vitest";

afterAll(() => void vi.unstubAllEnvs());
