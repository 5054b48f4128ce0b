#include "crypto/random.h"

#include <limits>

#include <openssl/rand.h>

#include "base/result.h"

namespace tidemark::crypto {

std::string SystemRandom::bytes(std::size_t count) {
  CHECK(count <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  std::string out(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

}  // namespace tidemark::crypto
