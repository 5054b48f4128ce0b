// service_error and read_xml: any answer becomes a bounded, inert error or a document. The first
// two bytes choose the status, so that each kind of body meets each kind of status.
#include <cstdint>

#include "aws/wire/endpoint.h"
#include "aws/wire/service_error.h"

using namespace tidemark;

namespace {

void check_error(const Error& error) {
  CHECK(error.message.size() < 1000 && error.code.size() < 200);
  for (const unsigned char c : error.message + error.code) CHECK(c >= 0x20 && c != 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  net::HttpResponse response;
  response.status = 200 + (data[0] * 256 + data[1]) % 400;
  response.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  response.headers = {{"x-amzn-RequestId", response.body.substr(0, 300)},
                      {"x-amzn-ErrorType", response.body.substr(response.body.size() / 2)}};
  check_error(aws::service_error(response));
  if (const auto region = aws::region_hint(response)) CHECK(aws::is_region(*region));
  const auto document = aws::read_xml(response);
  if (document) {
    CHECK(response.status <= 299 && document->root().name() != "Error");
  } else {
    check_error(document.error());
    CHECK(document.error().kind != ErrorKind::corrupt);
  }
  return 0;
}
