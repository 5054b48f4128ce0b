// decode_credentials: no answer of a program or of a metadata service hurts the reader.
#include <cstdint>

#include "aws/auth/credential_json.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto dialect : {aws::CredentialJson::process, aws::CredentialJson::metadata})
    discard(aws::decode_credentials(text, dialect, "x"), "only that it returns is tested");
  return 0;
}
