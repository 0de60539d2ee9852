/* RFC 6455, as far as a server needs it that answers whole text messages. */
#ifndef BALEEN_WEBSOCKET_H
#define BALEEN_WEBSOCKET_H

#include "bytes.h"

static inline uint32_t rotate_left(uint32_t value, int bits) {
  return (value << bits) | (value >> (32 - bits));
}

static void sha1_block(uint32_t h[5], const uint8_t *p) {
  uint32_t w[80];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
    uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
    uint32_t t = rotate_left(a, 5) + f + e + k + w[i];
    e = d, d = c, c = rotate_left(b, 30), b = a, a = t;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* Sec-WebSocket-Accept of a 24-character key: base64 of SHA-1 over the key and the protocol's own constant. */
static void websocket_accept(const char *key, char accept[29]) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint8_t text[128] = {0}, digest[21] = {0};
  memcpy(text, key, 24);
  memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  text[60] = 0x80;
  text[126] = (60 * 8) >> 8, text[127] = (60 * 8) & 255;
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  sha1_block(h, text);
  sha1_block(h, text + 64);
  for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
  for (int i = 0; i < 7; i++) {
    uint32_t group = digest[3 * i] << 16 | digest[3 * i + 1] << 8 | digest[3 * i + 2];
    for (int j = 0; j < 4; j++) accept[4 * i + j] = alphabet[(group >> (18 - 6 * j)) & 63];
  }
  accept[27] = '=';
  accept[28] = 0;
}

struct frame {
  int opcode;
  uint8_t *payload;
  size_t length;
};

/* Reads and unmasks one frame. Returns the bytes it takes; 0: not all there yet; -1: a part of a message, or unmasked. */
static long websocket_frame(uint8_t *p, size_t have, struct frame *frame) {
  if (have < 2) return 0;
  if (!(p[0] & 0x80) || !(p[1] & 0x80)) return -1;
  size_t length = p[1] & 127, head = 2;
  if (length == 126) {
    if (have < 4) return 0;
    length = p[2] << 8 | p[3], head = 4;
  } else if (length == 127) {
    if (have < 10) return 0;
    length = 0, head = 10;
    for (int i = 2; i < 10; i++) length = length << 8 | p[i];
  }
  if (have < head + 4 + length) return 0;
  uint8_t *mask = p + head, *payload = mask + 4;
  if (mask[0] | mask[1] | mask[2] | mask[3])
    for (size_t i = 0; i < length; i++) payload[i] ^= mask[i & 3];
  *frame = (struct frame){p[0] & 15, payload, length};
  return (long)(head + 4 + length);
}

/* The head of a frame from the server: unmasked, whole. */
static void websocket_head(struct bytes *out, int opcode, size_t length) {
  uint8_t head[10] = {0x80 | opcode};
  size_t size = 2;
  if (length < 126) head[1] = length;
  else if (length < 65536) head[1] = 126, head[2] = length >> 8, head[3] = length & 255, size = 4;
  else {
    head[1] = 127, size = 10;
    for (int i = 0; i < 8; i++) head[2 + i] = (uint64_t)length >> (56 - 8 * i);
  }
  bytes_add(out, head, size);
}

#endif
