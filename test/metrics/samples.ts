/** Files as machines have them. */

/** Of a virtual machine with two cores, Linux 6.18, seen while others were busy there. */
export const recorded: Readonly<Record<string, string>> = {
  "/proc/uptime": "36874.08 32234.12\n",
  "/proc/stat": `cpu  2912224 95088 844630 3213846 21386 0 50262 6352 0 0
cpu0 1426308 47829 409174 1657953 5329 0 21803 3193 0 0
cpu1 1485916 47258 435456 1555892 16057 0 28459 3158 0 0
intr 90454426 0 0 0 0 0 0 7226 38863
ctxt 290061168
`,
  "/proc/meminfo": `MemTotal:       32863324 kB
MemFree:        13120008 kB
MemAvailable:   23191884 kB
Buffers:          120000 kB
`,
  "/proc/pressure/memory": `some avg10=0.00 avg60=0.00 avg300=0.00 total=1250000
full avg10=0.00 avg60=0.00 avg300=0.00 total=7
`,
  "/proc/net/dev": `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 181387970070 56330782    0    0    0     0          0         0 181387970070 56330782    0    0    0     0       0          0
  ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0: 8933543149  237065    0    0    0     0          0         0 16748499  155170    0    0    0     0       0          0
docker0:  652245    9576    0    0    0     0          0         0 846007458   16980    0   42    0     0       0          0
veth1a2b:     42       1    0    0    0     0          0         0        8       1    0    0    0     0       0          0
`,
  "/proc/cpuinfo":
    "processor\t: 0\nmodel name\t: a processor\ncpu MHz\t\t: 2600.000\n\nprocessor\t: 1\ncpu MHz\t\t: 2400.500\n",
};

/** /proc/PID/stat: utime and stime are given together. */
export function processStat(pid: number, { start, cpu, children = 0 }: Record<string, number>): string {
  return `${pid} (node (a) b) S 1 77 77 0 -1 4194560 10 0 0 0 ${cpu} 0 ${children} 0 20 0 11 0 ${start} 700000 9000 1\n`;
}
