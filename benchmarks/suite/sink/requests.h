/* What the suite's own senders send: a request with an id of its own, over blocking sockets to this machine. */
#ifndef BALEEN_REQUESTS_H
#define BALEEN_REQUESTS_H

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
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

/* What a sender is told; what it is not told stays as it was. */
struct load {
  double rate, seconds;
  int connections, port;
};

/* Ends with 2 where an option is none, and later with whoever started it. */
static void read_load(int argc, char **argv, struct load *load) {
  static const struct option options[] = {
      {"rate", 1, 0, 'r'}, {"seconds", 1, 0, 's'}, {"connections", 1, 0, 'c'}, {"port", 1, 0, 'p'}, {0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) switch (option) {
      case 'r': load->rate = atof(optarg); break;
      case 's': load->seconds = atof(optarg); break;
      case 'c': load->connections = atoi(optarg); break;
      case 'p': load->port = atoi(optarg); break;
      default: exit(2);
    }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static int compare_doubles(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

#endif
