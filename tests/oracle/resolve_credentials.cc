// Finds credentials as the program does, for test_credential_chain_botocore.py: prints the access
// key, the secret key and the session token, a line each, or exits 1 with the error.
//
//   resolve_credentials [PROFILE]
//
// http://169.254... is taken to PORT of this machine, where the test answers for it, and so is STS.
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "aws/auth/credential_chain.h"
#include "net/curl_transport.h"

extern char** environ;

namespace tidemark::aws {
namespace {

// Sends what goes to an address of the metadata services to another one.
class DivertingTransport final : public net::HttpTransport {
 public:
  DivertingTransport(net::HttpTransport& real, std::string stand_in)
      : real_(real), stand_in_(std::move(stand_in)) {}

  Result<net::HttpResponse> send(const net::HttpRequest& request) override {
    net::HttpRequest diverted = request;
    constexpr std::string_view kMetadata = "http://169.254.";
    if (request.url.starts_with(kMetadata)) {
      const std::size_t path = request.url.find('/', kMetadata.size());
      diverted.url = stand_in_ + request.url.substr(path);
    }
    return real_.send(diverted);
  }

 private:
  net::HttpTransport& real_;
  const std::string stand_in_;
};

int run(const std::string& profile) {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  StopSignal stop;
  SystemClock clock(stop);
  const auto curl = net::CurlTransport::open({}, stop);
  if (!curl) return 1;
  DivertingTransport transport(**curl, environment["STAND_IN"]);
  CredentialChain chain({environment, profile, "us-east-1"}, transport, clock, stop);
  const auto credentials = chain.get();
  if (!credentials) {
    fmt::print("{}: {}\n", kind_name(credentials.error().kind), credentials.error().message);
    return 1;
  }
  fmt::print("{}\n{}\n{}\n", credentials->access_key_id, credentials->secret_access_key.reveal(),
             credentials->session_token.reveal());
  return 0;
}

}  // namespace
}  // namespace tidemark::aws

int main(int count, char** arguments) { return tidemark::aws::run(count > 1 ? arguments[1] : ""); }
