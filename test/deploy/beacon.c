/*
 * A node small enough to see through, that needs nothing but the kernel: it makes up an identifier, says so in its
 * log, and answers every request with what it knows.
 *
 *   beacon PORT KNOWN [PEER_PORT]
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(int signal) {
  (void)signal;
  _exit(0);
}

static const char *text_of(const char *variable) {
  const char *value = getenv(variable);
  return value == NULL ? "" : value;
}

int main(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: beacon PORT KNOWN [PEER_PORT]\n");
    return 2;
  }
  signal(SIGTERM, end);
  unsigned char random[8];
  char identifier[2 * sizeof random + 1];
  int source = open("/dev/urandom", O_RDONLY);
  if (source < 0 || read(source, random, sizeof random) != sizeof random) return 1;
  for (size_t i = 0; i < sizeof random; i++) sprintf(identifier + 2 * i, "%02x", random[i]);
  char mark[256];
  snprintf(mark, sizeof mark, "%s/mark", text_of("HOME"));
  int writable = open(mark, O_WRONLY | O_CREAT, 0600) >= 0;

  // Another process answers on the other port.
  const char *port = argc == 4 && fork() == 0 ? argv[3] : argv[1];
  int server = socket(AF_INET, SOCK_STREAM, 0);
  int on = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 16) != 0) {
    perror("bind");
    return 1;
  }
  if (port == argv[1]) printf("starting\nidentifier=%s\n", identifier);
  fflush(stdout);
  for (;;) {
    int client = accept(server, NULL, NULL);
    char request[4096];
    if (client < 0 || read(client, request, sizeof request) <= 0) {
      close(client);
      continue;
    }
    char body[1024];
    snprintf(body, sizeof body,
             "{\"identifier\":\"%s\",\"known\":\"%s\",\"greeting\":\"%s\",\"home\":\"%s\",\"uid\":%d,\"writable\":%s}",
             identifier, argv[2], text_of("GREETING"), text_of("HOME"), (int)getuid(), writable ? "true" : "false");
    dprintf(client, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body);
    shutdown(client, SHUT_WR);
    while (read(client, request, sizeof request) > 0) {
    }
    close(client);
  }
}
