import { describe, expect, test } from "vitest";
import { buildSchedule } from "./chaos-schedule.ts";

const lengthMs = 120_000;
const schedules = [4, 7].flatMap((size) =>
  Array.from({ length: 50 }, (_, seed) => ({
    size,
    seed: `seed ${seed}`,
    schedule: buildSchedule(`seed ${seed}`, size, lengthMs),
  })),
);
const episodes = schedules.flatMap(({ size, schedule }) =>
  schedule.episodes.map((episode) => ({ ...episode, tolerated: Math.floor((size - 1) / 3) })),
);

describe("a schedule of chaos", () => {
  test("is the same for the same seed, and another for another", () => {
    for (const { size, seed, schedule } of schedules) {
      expect(buildSchedule(seed, size, lengthMs)).toEqual(schedule);
    }
    expect(new Set(schedules.map(({ schedule }) => JSON.stringify(schedule))).size).toBe(schedules.length);
  });

  test("disturbs each node once at a time, at most f + 1 of them, and that many in one episode of five", () => {
    for (const { disturbances, tolerated } of episodes) {
      expect(disturbances.length).toBeGreaterThanOrEqual(1);
      expect(disturbances.length).toBeLessThanOrEqual(tolerated + 1);
      expect(new Set(disturbances.map(({ authority }) => authority)).size).toBe(disturbances.length);
    }
    const beyond = episodes.filter(({ disturbances, tolerated }) => disturbances.length > tolerated);
    expect(beyond.length / episodes.length).toBeGreaterThan(0.15);
    expect(beyond.length / episodes.length).toBeLessThan(0.25);
  });

  test("never kills the spared, and tears the logs of f nodes at most", () => {
    for (const { size, schedule } of schedules) {
      expect(schedule.spared.length).toBe(Math.floor((size - 1) / 3));
      for (const { disturbances } of schedule.episodes) {
        const torn = disturbances.filter(({ disturbance }) => disturbance.kind === "tear");
        expect(torn.length).toBeLessThanOrEqual(Math.floor((size - 1) / 3));
        for (const { authority, disturbance } of disturbances) {
          const isHarsh = disturbance.kind === "kill" || disturbance.kind === "tear";
          if (schedule.spared.includes(authority)) expect(isHarsh).toBe(false);
        }
      }
    }
  });

  test("has all kinds, and takes the time that was asked for", () => {
    const kinds = episodes.flatMap(({ disturbances }) => disturbances.map((each) => each.disturbance.kind));
    expect(new Set(kinds)).toEqual(new Set(["kill", "pause", "isolate", "tear"]));
    expect(new Set(episodes.map(({ failure }) => failure))).toEqual(new Set(["cut", "lost"]));
    for (const { schedule } of schedules) {
      const totalMs = schedule.episodes.reduce((sum, each) => sum + each.calmMs + each.lengthMs, 0);
      expect(totalMs).toBeGreaterThanOrEqual(lengthMs);
      expect(totalMs).toBeLessThan(lengthMs + 10_000);
    }
  });
});
