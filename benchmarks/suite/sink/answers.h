/* The replies of CometBFT's broadcast_tx_async, each with its request's own id, to bodies that may be batches. */
#ifndef BALEEN_ANSWERS_H
#define BALEEN_ANSWERS_H

#include "record.h"

static const char before_id[] = "{\"jsonrpc\":\"2.0\",\"id\":";
static const char after_id[] =
    ",\"result\":{\"code\":0,\"data\":\"\",\"log\":\"\",\"codespace\":\"\",\"hash\":"
    "\"C0FFEE00C0FFEE00C0FFEE00C0FFEE00C0FFEE00C0FFEE00C0FFEE00C0FFEE00\"}}";
#define literal_length(text) (sizeof(text) - 1)

/* Where things stood in the message before: those of one generator are mostly alike. */
struct hints {
  size_t id, next_id, tx;
};

struct answering {
  struct record *record; /* NULL: nothing is recorded */
  double arrived_s;
  uint64_t transactions;
};

/* Finds `needle` at or after `from`, first where the hint says. Returns the place behind it; NULL: nowhere. */
static inline const uint8_t *find(const uint8_t *from, const uint8_t *end, const char *needle, size_t *hint) {
  size_t length = strlen(needle);
  if (from + *hint + length <= end && memcmp(from + *hint, needle, length) == 0) return from + *hint + length;
  const uint8_t *found = memmem(from, end - from, needle, length);
  if (found == NULL) return NULL;
  *hint = found - from;
  return found + length;
}

/* Answers every request in the body. Returns the reply's length, 0 where there is nothing to answer. */
static size_t answer(struct answering *a, struct hints *hints, const uint8_t *body, size_t length, struct bytes *out) {
  const uint8_t *at = body, *end = body + length;
  size_t before = out->length;
  int batch = length > 0 && body[0] == '[', some = 0;
  if (batch) bytes_add(out, "[", 1);
  while ((at = find(at, end, "\"id\":", some ? &hints->next_id : &hints->id)) != NULL) {
    while (at < end && *at == ' ') at++;
    const uint8_t *id = at;
    if (at < end && *at == '"') at = memchr(at + 1, '"', end - at - 1), at = at == NULL ? end : at + 1;
    else while (at < end && (*at == '-' || (*at >= '0' && *at <= '9'))) at++;
    if (a->record != NULL) {
      const uint8_t *tx = find(at, end, "\"tx\":\"", &hints->tx);
      record_add(a->record, a->arrived_s, tx == NULL ? -1 : sequence_of(tx, end - tx));
    }
    if (some) bytes_add(out, ",", 1);
    bytes_add(out, before_id, literal_length(before_id));
    bytes_add(out, id, at - id);
    bytes_add(out, after_id, literal_length(after_id));
    a->transactions++;
    some = 1;
    if (!batch) break;
  }
  if (!some) out->length = before;
  else if (batch) bytes_add(out, "]", 1);
  return out->length - before;
}

#endif
