/* When each transaction came and was answered. Written out at the end, so that recording costs a store. */
#ifndef BALEEN_RECORD_H
#define BALEEN_RECORD_H

#include "bytes.h"

/* Raw doubles in the file. `sequence` is that of the tool's own transactions, -1 of others. */
struct row {
  double arrived_s, sequence, replied_s;
};

struct record {
  const char *path;
  struct row *rows;
  size_t count, capacity;
};

static void record_open(struct record *r, const char *path, size_t capacity) {
  r->path = path;
  r->capacity = capacity;
  r->rows = malloc(capacity * sizeof *r->rows);
  if (r->rows == NULL) die("malloc");
  /* Every page is there before the first arrival. */
  memset(r->rows, 0, capacity * sizeof *r->rows);
}

/* Transactions past the capacity are not recorded; the totals that are printed show it. */
static inline void record_add(struct record *r, double arrived_s, double sequence) {
  if (r->count < r->capacity) r->rows[r->count++] = (struct row){arrived_s, sequence, 0};
}

static inline void record_replied(struct record *r, size_t first, double replied_s) {
  for (size_t i = first; i < r->count; i++) r->rows[i].replied_s = replied_s;
}

static void record_write(const struct record *r) {
  if (r->path == NULL) return;
  FILE *file = fopen(r->path, "wb");
  if (file == NULL) die(r->path);
  if (fwrite(r->rows, sizeof *r->rows, r->count, file) != r->count || fclose(file) != 0) die(r->path);
}

static inline int base64_value(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* "baleen", run and client, sequence: each six bytes, so eight characters of base64. */
static double sequence_of(const uint8_t *tx, size_t have) {
  if (have < 24 || memcmp(tx, "YmFsZWVu", 8) != 0) return -1;
  uint64_t value = 0;
  for (int i = 16; i < 24; i++) {
    int digit = base64_value(tx[i]);
    if (digit < 0) return -1;
    value = value << 6 | (unsigned)digit;
  }
  return (double)value;
}

#endif
