/* Base64 (RFC 4648, section 4). */

#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>
#include <string.h>

#define BASE64_LENGTH(count) (((count) + 2) / 3 * 4)

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* `text` has room for BASE64_LENGTH(count) and a zero. */
static void encode_base64(const unsigned char *bytes, size_t count, char *text) {
  for (size_t i = 0; i < count; i += 3) {
    size_t here = count - i < 3 ? count - i : 3;
    unsigned int group = (unsigned int)bytes[i] << 16;
    if (here > 1) group |= (unsigned int)bytes[i + 1] << 8;
    if (here > 2) group |= bytes[i + 2];
    for (size_t digit = 0; digit < 4; digit++) {
      *text++ = digit <= here ? BASE64[group >> (18 - 6 * digit) & 63] : '=';
    }
  }
  *text = '\0';
}

/* Whether the text is that of `count` bytes; they are in `bytes` then. */
static int decode_base64(const char *text, unsigned char *bytes, size_t count) {
  if (strlen(text) != BASE64_LENGTH(count)) return 0;
  unsigned int group = 0;
  int bits = 0;
  for (size_t done = 0; done < count; text++) {
    const char *digit = *text == '\0' ? NULL : strchr(BASE64, *text);
    if (digit == NULL) return 0;
    group = group << 6 | (unsigned int)(digit - BASE64);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[done++] = (unsigned char)(group >> bits);
  }
  return strspn(text, "=") == strlen(text);
}

#endif
