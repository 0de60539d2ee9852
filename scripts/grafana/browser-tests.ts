/** Tests in browsers, from the data points that the results server relays to InfluxDB. */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { families } from "../../src/contracts/peer-tests/packets.ts";
import { query, source } from "./influx.ts";
import { figure, series } from "./panels.ts";

export const browserTestVariables = [
  new DatasourceVariableBuilder("datasource")
    .label("InfluxDB")
    .type("influxdb")
    // As compose/monitoring provisions it.
    .current({ selected: true, text: "InfluxDB: browser tests", value: "baleen-influxdb-tests" }),
  new QueryVariableBuilder("test")
    .label("Test")
    .datasource(source)
    .query('SHOW TAG VALUES FROM "baleen_peer" WITH KEY = "test"')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    // Names of tests that Baleen makes begin with their time.
    .sort(VariableSort.AlphabeticalDesc),
];

/** So long that each peer has reported in it. */
const interval = "5s";
const ofTest = `FROM "baleen_peer" WHERE "test" = '$test' AND $timeFilter`;
const overTime = "GROUP BY time($__interval)";

const byPeer = (what: string) =>
  query(`SELECT ${what} ${ofTest} ${overTime}, "peer" fill(none)`, "$tag_peer");
const overPeers = (what: string, alias: string) =>
  query(`SELECT ${what} ${ofTest} ${overTime} fill(none)`, alias);

/** Of each peer `what`, added up. */
const sumOfPeers = (what: string, alias: string) =>
  query(
    `SELECT sum("value") FROM (SELECT ${what} AS "value" ${ofTest} ${overTime}, "peer" fill(none)) WHERE $timeFilter ${overTime} fill(none)`,
    alias,
  );

const delivered = 'non_negative_derivative(last("extra_deliveredMessages"), 1s)';

export const browserTestPanels = [
  figure(
    { title: "Peers", description: "That have reported in the time shown." },
    source,
    query(
      `SELECT count("points") FROM (SELECT count("sent") AS "points" ${ofTest} GROUP BY "peer")`,
      "peers",
    ),
  ),
  figure(
    { title: "Connections of a peer", interval },
    source,
    overPeers('mean("connectedPeersCount")', "mean"),
  ),
  figure({ title: "Packets sent per second", interval }, source, sumOfPeers('mean("sentPerSecond")', "sent")),
  figure({ title: "Least tick rate", interval }, source, overPeers('min("extra_tickRatePerSec")', "least")),
  figure(
    { title: "Latest timer", unit: "ms", interval },
    source,
    overPeers('max("extra_timerLatenessMaxMs")', "latest"),
  ),
  figure(
    { title: "Round trip", unit: "ms", interval },
    source,
    overPeers('mean("extra_webrtcRoundTripMs")', "mean"),
  ),
  series(
    {
      title: "Packets per second, all peers",
      description: "By the library's counters; relayed ones do not count as sent.",
      interval,
    },
    source,
    ...families.map((family) => sumOfPeers(`mean("${family}PerSecond")`, family)),
  ),
  series(
    { title: "Bytes per second, all peers", unit: "Bps", interval },
    source,
    ...families.map((family) => sumOfPeers(`mean("${family}BytesPerSecond")`, family)),
  ),
  series({ title: "Packets sent per second" }, source, byPeer('mean("sentPerSecond")')),
  series({ title: "Packets received per second" }, source, byPeer('mean("receivedPerSecond")')),
  series({ title: "Packets relayed per second" }, source, byPeer('mean("relayedPerSecond")')),
  series(
    {
      title: "Messages delivered per second, all peers",
      description: "Each counted once at each peer.",
      interval,
    },
    source,
    sumOfPeers(delivered, "delivered"),
  ),
  series({ title: "Connections", unit: "none" }, source, byPeer('last("connectedPeersCount")')),
  series({ title: "Known peers", unit: "none" }, source, byPeer('last("knownPeersCount")')),
  series(
    { title: "Tick rate", description: "Calls of the routine per second; 60 unless the page is too busy." },
    source,
    byPeer('min("extra_tickRatePerSec")'),
  ),
  series(
    { title: "Lateness of timers, largest", unit: "ms" },
    source,
    byPeer('max("extra_timerLatenessMaxMs")'),
  ),
  series({ title: "Round trip", unit: "ms" }, source, byPeer('mean("extra_webrtcRoundTripMs")')),
  series(
    {
      title: "Delivery, mean",
      unit: "ms",
      description: "From the sending of a message to its first arrival.",
    },
    source,
    byPeer('mean("extra_deliveryMeanMs")'),
  ),
];
