// parse_url: what it accepts means the same when it is put together again. percent_decode undoes
// percent_encode.
#include <cstdint>

#include "base/remote_text.h"
#include "net/url.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = net::parse_url(text);
  if (url) {
    std::string whole = url->scheme + "://" + url->authority() + url->path;
    if (!url->query.empty()) whole += "?" + url->query;
    const auto again = net::parse_url(whole);
    CHECK(again && again->host == url->host && again->port == url->port);
    CHECK(again->path == url->path && again->query == url->query);
    CHECK(!url->host.empty() && url->host.find_first_of("/@#?\\ ") == std::string::npos);
  } else {
    CHECK(url.error().kind == ErrorKind::invalid_input);
  }
  const auto decoded = net::percent_decode(net::percent_encode(text));
  CHECK(decoded && *decoded == text);
  discard(net::percent_decode(text), "only that it returns is tested");
  const std::string clean = clean_remote_text(text, 64);
  CHECK(clean.size() <= 64 + 3 && clean_remote_text(clean, 128) == clean);
  return 0;
}
