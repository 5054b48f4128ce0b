#include "net/curl_transport.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unistd.h>

#include "net/curl_exchange.h"
#include "net/url.h"

namespace tidemark::net {
namespace {

constexpr std::size_t kIdleHandlesMax = 4;

// Where AWS answers, without TLS, questions about the machine or the container that asks.
constexpr std::array<std::string_view, 5> kMetadataHosts{"169.254.169.254",
                                                         "fd00:ec2::254",  // instance metadata
                                                         "169.254.170.2",  // ECS
                                                         "169.254.170.23", "fd00:ec2::23"};  // EKS

bool is_near(std::string_view host) {
  return is_loopback(host) ||
         std::find(kMetadataHosts.begin(), kMetadataHosts.end(), host) != kMetadataHosts.end();
}

bool is_token(std::string_view text) {
  static constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";  // RFC 9110, section 5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPunctuation.find(c) != std::string_view::npos;
  });
}

// A line end in a value would let it forge headers, or a second request.
Status check_headers(const HttpRequest& request) {
  if (!is_token(request.method))
    return Error{ErrorKind::invalid_input, "http method is not a word"};
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return Error{ErrorKind::invalid_input, "http header has no valid name"};
    const bool printable = std::all_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    });
    if (!printable)
      return Error{ErrorKind::invalid_input,
                   fmt::format("http header {} has a control byte", name)};
  }
  return Done{};
}

}  // namespace

Result<std::unique_ptr<CurlTransport>> CurlTransport::open(CurlOptions options,
                                                           const StopSignal& stop) {
  if (!options.ca_bundle.empty() && ::access(options.ca_bundle.c_str(), R_OK) != 0)
    return Error{ErrorKind::denied, fmt::format("CA bundle '{}' cannot be read", options.ca_bundle),
                 "AWS_CA_BUNDLE must name a readable PEM file, or be unset."};
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(options), stop));
}

CurlTransport::CurlTransport(CurlOptions options, const StopSignal& stop)
    : options_(std::move(options)), stop_(stop) {
  start_curl();
}

CurlTransport::~CurlTransport() {
  idle_.clear();
  end_curl();
}

Result<HttpResponse> CurlTransport::send(const HttpRequest& request) {
  const Url url = TRY(parse_url(request.url));
  TRY(check_headers(request));
  if (url.scheme == "http" && !is_near(url.host) && !options_.plain_http_anywhere)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: plain http is not sent to another machine", url.host),
                 "Use an https:// endpoint."};
  if (stop_.requested()) return stopped();
  std::unique_ptr<CurlExchange> exchange = take();
  Result<HttpResponse> response = exchange->carry(request, url, is_near(url.host));
  keep(std::move(exchange));
  return response;
}

std::unique_ptr<CurlExchange> CurlTransport::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<CurlExchange>(options_, stop_);
  std::unique_ptr<CurlExchange> exchange = std::move(idle_.back());
  idle_.pop_back();
  return exchange;
}

void CurlTransport::keep(std::unique_ptr<CurlExchange> exchange) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleHandlesMax) idle_.push_back(std::move(exchange));
}

}  // namespace tidemark::net
