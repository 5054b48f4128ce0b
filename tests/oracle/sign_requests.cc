// Signs requests for the tests beside it: one JSON object a line in, one a line out.
//
//   in:  {"method", "url", "headers": [[name, value], ...], "body", "access_key", "secret_key",
//         "token", "time", "region", "service", "unsigned_payload", "presign_seconds"}
//   out: {"headers": {name: value}} with those that signing added, {"url"} when it presigned, or
//        {"error"}
//
// The body is Base64, so that it can be any bytes.
#include <iostream>

#include <nlohmann/json.hpp>

#include "aws/auth/sigv4.h"
#include "base/encoding.h"

namespace tidemark::aws {
namespace {

using Json = nlohmann::json;

Result<Json> answer(const Json& in) {
  const Credentials credentials{in.at("access_key"), Secret(in.at("secret_key").get<std::string>()),
                                Secret(in.value("token", "")), std::nullopt, "test"};
  const SigningScope scope{in.at("region"), in.at("service")};
  const TimePoint now = TRY(parse_time(in.at("time").get<std::string>()));
  const std::string method = in.at("method");
  const std::string url = in.at("url");
  if (in.contains("presign_seconds")) {
    const Secret signed_url = TRY(presign_url(method, url, credentials, scope, now,
                                              Seconds{in.at("presign_seconds").get<int>()}));
    return Json{{"url", signed_url.reveal()}};
  }

  net::HttpRequest request{method, url, {}, TRY(from_base64(in.value("body", "")))};
  for (const Json& header : in.value("headers", Json::array())) {
    request.headers.emplace_back(header.at(0), header.at(1));
  }
  const std::size_t given = request.headers.size();
  SigningOptions options;
  if (in.value("unsigned_payload", false)) options.payload = PayloadSigning::unsigned_;
  TRY(sign(request, credentials, scope, now, options));
  Json added = Json::object();
  for (std::size_t i = given; i < request.headers.size(); ++i) {
    added[request.headers[i].first] = request.headers[i].second;
  }
  return Json{{"headers", added}};
}

}  // namespace
}  // namespace tidemark::aws

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto answer = tidemark::aws::answer(nlohmann::json::parse(line));
    const auto out = answer ? *answer : nlohmann::json{{"error", answer.error().message}};
    std::cout << out.dump() << '\n' << std::flush;
  }
  return 0;
}
