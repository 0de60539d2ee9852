/*
 * The machine's floor for pacing: a loop that reads the clock until a transaction is due, and then sends it (--port),
 * or only stamps it. What it is late by is the machine's doing: interrupts, the hypervisor, other processes.
 *
 *     spin --rate 10000 --seconds 10 [--port 26657]
 *
 * Prints a line of JSON: what was sent, and its lateness.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"

enum { transaction_characters = 684, id_digits = 9 };

static int connect_to(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || connect(fd, (void *)&address, sizeof address) < 0) die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  return fd;
}

/* A request whose id stands in `id_digits` digits at the place that is returned through `id`. */
static struct bytes build_request(size_t *id) {
  char body[1024], transaction[transaction_characters + 1];
  memset(transaction, 'A', transaction_characters);
  transaction[transaction_characters] = 0;
  size_t length = sprintf(body, "{\"jsonrpc\":\"2.0\",\"id\":%0*d,\"method\":\"broadcast_tx_async\",\"params\":{\"tx\":\"%s\"}}",
                          id_digits, 0, transaction);
  struct bytes request = {0};
  bytes_reserve(&request, 2048);
  request.length = sprintf((char *)request.data,
                           "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                           length, body);
  *id = request.length - length + strlen("{\"jsonrpc\":\"2.0\",\"id\":");
  return request;
}

/* Ids begin with a 1, since JSON has no numbers with a 0 before them. */
static void patch_id(struct bytes *request, size_t at, long number) {
  for (int i = id_digits - 1; i > 0; i--, number /= 10) request->data[at + i] = '0' + number % 10;
  request->data[at] = '1';
}

static int compare(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"rate", 1, 0, 'r'}, {"seconds", 1, 0, 's'}, {"port", 1, 0, 'p'}, {0}};
  double rate = 10000, seconds = 10;
  int port = 0;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) switch (option) {
      case 'r': rate = atof(optarg); break;
      case 's': seconds = atof(optarg); break;
      case 'p': port = atoi(optarg); break;
      default: return 2;
    }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  long count = (long)(rate * seconds);
  if (count < 1) return fprintf(stderr, "spin: nothing is due at this rate in this time\n"), 2;
  double *lateness_us = malloc(count * sizeof *lateness_us);
  if (lateness_us == NULL) die("malloc");
  memset(lateness_us, 0, count * sizeof *lateness_us);
  size_t id = 0;
  struct bytes request = build_request(&id);
  int fd = port == 0 ? -1 : connect_to(port);
  static char replies[65536];
  double start_s = now_seconds() + 0.05;
  for (long i = 0; i < count; i++) {
    double due_s = start_s + i / rate, now_s;
    patch_id(&request, id, i);
    while ((now_s = now_seconds()) < due_s) {}
    lateness_us[i] = (now_s - due_s) * 1e6;
    if (fd < 0) continue;
    if (send(fd, request.data, request.length, MSG_NOSIGNAL) != (ssize_t)request.length) die("send");
    if (recv(fd, replies, sizeof replies, MSG_DONTWAIT) == 0) die("the server hung up");
  }
  double took_s = now_seconds() - start_s;
  qsort(lateness_us, count, sizeof *lateness_us, compare);
  printf("{\"sent\":%ld,\"seconds\":%.9f,\"latenessUs\":{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}\n", count, took_s,
         lateness_us[count / 2], lateness_us[count * 99 / 100], lateness_us[count * 999 / 1000], lateness_us[count - 1]);
  if (fd < 0) return 0;
  /* What is still unanswered is waited for, so that the server sees no reset. */
  shutdown(fd, SHUT_WR);
  while (recv(fd, replies, sizeof replies, 0) > 0) {}
  return 0;
}
