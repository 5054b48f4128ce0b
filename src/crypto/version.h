// The version of OpenSSL that this process really runs with: "3.0.17".
#pragma once

#include <string>

namespace tidemark::crypto {

std::string openssl_version();

}  // namespace tidemark::crypto
