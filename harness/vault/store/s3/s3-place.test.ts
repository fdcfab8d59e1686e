import { describe, expect, it } from "vitest";
import { DrillError } from "../../../base/errors.ts";
import { nameOfPlace, parseS3Url } from "./s3-place.ts";

describe("a place on S3", () => {
  it.each([
    ["s3://backups", { bucket: "backups", prefix: "" }, "s3://backups"],
    ["s3://backups/", { bucket: "backups", prefix: "" }, "s3://backups"],
    ["s3://backups/team/graph/", { bucket: "backups", prefix: "team/graph" }, "s3://backups/team/graph"],
  ])("is read from %s", (url, place, name) => {
    expect(parseS3Url(url, {})).toEqual(place);
    expect(nameOfPlace(place)).toBe(name);
  });

  it("is known by its endpoint too, as two stores may have a bucket of one name", () => {
    const place = parseS3Url("s3://backups/a", { endpoint: "https://ceph.example:7480/", region: "default" });
    expect(place).toMatchObject({ endpoint: "https://ceph.example:7480", region: "default" });
    expect(nameOfPlace(place)).toBe("s3://backups/a at https://ceph.example:7480");
  });

  it.each([
    ["s3:/backups/a", {}, '"s3:/backups/a" is not a place on S3'],
    ["S3://backups/a", {}, '"S3://backups/a" is not a place on S3'],
    ["s3:///a", {}, "names no bucket"],
    ["s3://Backups/a", {}, '"Backups" is not the name of a bucket'],
    ["s3://backups//a", {}, '"/a" cannot be the prefix'],
    ["s3://backups/../a", {}, '"../a" cannot be the prefix'],
    ["s3://key:hidden@backups/a", {}, "an S3 URL holds no credentials"],
    ["s3://backups/a", { endpoint: "https://key:hidden@host" }, "the endpoint holds credentials"],
    ["s3://backups/a", { endpoint: "host:9000" }, "the endpoint begins with host:"],
    ["s3://backups/a", { endpoint: "127.0.0.1:9000" }, "the endpoint is not a URL"],
    ["s3://backups/a", { endpoint: "https://host/backups" }, "the endpoint https://host has more after the host"],
    ["s3://backups/a", { region: "eu central" }, '"eu central" is not the name of a region'],
  ])("is refused as %s %j", (url, flags, problem) => {
    const parse = (): unknown => parseS3Url(url, flags);
    expect(parse).toThrow(problem);
    expect(parse).toThrow(DrillError);
    expect(parse).not.toThrow("hidden");
  });

  it.each([
    ["to", "Give --to-endpoint as https://host or https://host:port."],
    ["second", "Give --second-endpoint as https://host or https://host:port."],
    [undefined, "Give --endpoint as https://host or https://host:port."],
  ] as const)("is refused with the flags of its side, %s", (side, hint) => {
    const parse = (): unknown => parseS3Url("s3://backups/a", { side, endpoint: "host:9000" });
    expect(parse).toThrow(expect.objectContaining({ hint }));
  });
});
