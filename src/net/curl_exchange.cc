#include "net/curl_exchange.h"

#include <algorithm>
#include <charconv>
#include <new>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "net/curl_failure.h"

namespace tidemark::net {
namespace {

constexpr std::size_t kHeaderBytesMax = 128 << 10;
constexpr std::size_t kHeaderLinesMax = 256;
constexpr long kConnectionsMax = 4;

// Larger bodies get larger buffers: with libcurl's own, of 16 and 64 KiB, objects come at half the
// speed. Who expects no more than a document is spared their memory.
constexpr std::size_t kLargeBodyBytes = 1 << 20;
constexpr std::size_t kLargeAnswerBytes = 16 << 20;
constexpr long kLargeBufferBytes = 256 << 10;

// What has come in so far, and why we would take no more of it.
struct Incoming {
  HttpResponse response;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;  // of all answers, so that endless interim ones end too
  std::size_t header_lines = 0;
  bool headers_complete = false;
  bool send_once = false;
  int sendings = 0;     // begun, of the request
  std::string refusal;  // empty: none
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

void take_header_line(Incoming& incoming, std::string_view line) {
  incoming.header_bytes += line.size();
  incoming.header_lines += 1;
  if (incoming.header_bytes > kHeaderBytesMax || incoming.header_lines > kHeaderLinesMax) {
    incoming.refusal = "the headers of the answer are too large";
    return;
  }
  if (line.starts_with("HTTP/")) {  // what came before belonged to an interim answer
    incoming.response.headers.clear();
    incoming.headers_complete = false;
    return;
  }
  if (trimmed(line).empty()) incoming.headers_complete = true;
  if (incoming.headers_complete) return;  // the rest would be trailers
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  incoming.response.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

// As much as the server announced and we would take, so that the body need not move as it grows.
void reserve_body(Incoming& incoming, std::size_t bytes_min) {
  const std::string_view announced =
      find_header(incoming.response.headers, "Content-Length").value_or("");
  std::size_t bytes = 0;
  std::from_chars(announced.data(), announced.data() + announced.size(), bytes);
  incoming.response.body.reserve(std::max(bytes_min, std::min(bytes, incoming.body_bytes_max)));
}

// libcurl calls these and must not see an exception. Taking fewer bytes than were given ends
// the transfer.
std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* target) noexcept {
  auto& incoming = *static_cast<Incoming*>(target);
  try {
    take_header_line(incoming, std::string_view(bytes, size * count));
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return incoming.refusal.empty() ? size * count : 0;
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* target) noexcept {
  auto& incoming = *static_cast<Incoming*>(target);
  try {
    if (incoming.response.body.size() + size * count <= incoming.body_bytes_max) {
      if (incoming.response.body.empty()) reserve_body(incoming, size * count);
      incoming.response.body.append(bytes, size * count);
      return size * count;
    }
    incoming.refusal = fmt::format("the answer is larger than {} bytes", incoming.body_bytes_max);
  } catch (const std::bad_alloc&) {
  }
  return 0;
}

// Called before the request goes out over a connection, also when libcurl sends it anew.
int on_request(void* target, char*, char*, int, int) noexcept {
  auto& incoming = *static_cast<Incoming*>(target);
  ++incoming.sendings;
  return incoming.send_once && incoming.sendings > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

bool has_body(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT";
}

}  // namespace

void start_curl() { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); }
void end_curl() { curl_global_cleanup(); }

CurlExchange::CurlExchange(const CurlOptions& options, const StopSignal& stop)
    : options_(options), stop_(stop), multi_(curl_multi_init()), easy_(curl_easy_init()) {
  CHECK(multi_ != nullptr && easy_ != nullptr);
  CHECK(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kConnectionsMax) == CURLM_OK);
}

Result<HttpResponse> CurlExchange::carry(const HttpRequest& request, const Url& url, bool direct) {
  Incoming incoming;
  incoming.body_bytes_max = request.response_bytes_max;
  incoming.send_once = request.send_once;
  char detail[CURL_ERROR_SIZE] = "";
  const HeaderList headers = header_list(request);

  set(CURLOPT_ERRORBUFFER, detail);
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&incoming));
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&incoming));
  set(CURLOPT_PREREQFUNCTION, on_request);
  set(CURLOPT_PREREQDATA, static_cast<void*>(&incoming));
  set_limits(request);
  set_trust();
  set_request(request, headers.get());
  if (direct) set(CURLOPT_PROXY, "");

  CHECK(curl_multi_add_handle(multi_.get(), easy_.get()) == CURLM_OK);
  const Result<CURLcode> outcome = run();
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  incoming.response.status = static_cast<int>(status);
  std::optional<Error> error;
  if (!outcome) {
    error = outcome.error();
  } else if (!incoming.refusal.empty()) {
    error = Error{ErrorKind::exhausted, fmt::format("{}: {}", url.host, incoming.refusal)};
  } else if (*outcome == CURLE_ABORTED_BY_CALLBACK && incoming.sendings > 1) {
    error = failure_error({url.host, CURLE_RECV_ERROR, detail, easy_.get()});
  } else if (*outcome != CURLE_OK) {
    error = failure_error({url.host, *outcome, detail, easy_.get()});
  } else if (!incoming.headers_complete) {  // which libcurl takes for an answer without a body
    error = failure_error({url.host, CURLE_PARTIAL_FILE, detail, easy_.get()});
  }
  // Closes what is still under way; then nothing of this call is left in the handle, whose
  // connections stay.
  curl_multi_remove_handle(multi_.get(), easy_.get());
  curl_easy_reset(easy_.get());
  if (error) return *std::move(error);
  return std::move(incoming.response);
}

void CurlExchange::set_limits(const HttpRequest& request) {
  const Millis deadline = std::max(request.deadline, Millis{1});  // 0 would mean none
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(deadline.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(deadline, options_.connect_timeout).count()));
  set(CURLOPT_LOW_SPEED_LIMIT, options_.low_speed_bytes);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.low_speed_time.count()));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.response_bytes_max));
  set(CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer must not hold us up: the resolver's thread is left behind.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  if (request.response_bytes_max > kLargeAnswerBytes) set(CURLOPT_BUFFERSIZE, kLargeBufferBytes);
  if (request.body.size() > kLargeBodyBytes) set(CURLOPT_UPLOAD_BUFFERSIZE, kLargeBufferBytes);
}

void CurlExchange::set_trust() {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // the proxy's headers are not the service's
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);          // megabytes kept for a handshake that is rare
  if (options_.ca_bundle.empty()) return;
  set(CURLOPT_CAINFO, options_.ca_bundle.c_str());
  set(CURLOPT_PROXY_CAINFO, options_.ca_bundle.c_str());
  // The bundle stands in place of the system's authorities, not beside them.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
}

void CurlExchange::set_request(const HttpRequest& request, const curl_slist* headers) {
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_HTTPHEADER, headers);
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (has_body(request)) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());  // borrowed until the transfer ends
  }
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

CurlExchange::HeaderList CurlExchange::header_list(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    CHECK(longer != nullptr);
    [[maybe_unused]] curl_slist* same = list.release();  // the longer list begins with it
    list.reset(longer);
  };
  for (const auto& [name, value] : request.headers)
    // libcurl takes "Name:" as an order to leave a header out, and "Name;" as an empty one.
    add(value.empty() ? name + ";" : name + ": " + value);
  // What libcurl would add by itself.
  add("Expect:");
  if (!find_header(request.headers, "Accept")) add("Accept:");
  if (!find_header(request.headers, "Content-Type")) add("Content-Type:");
  return list;
}

Result<CURLcode> CurlExchange::run() {
  for (;;) {
    int running = 0;
    if (const CURLMcode code = curl_multi_perform(multi_.get(), &running); code != CURLM_OK)
      return Error{ErrorKind::unavailable, fmt::format("libcurl: {}", curl_multi_strerror(code))};
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued))
      if (message->msg == CURLMSG_DONE) return message->data.result;
    if (stop_.requested()) return stopped();
    curl_waitfd stop{.fd = stop_.fd(), .events = CURL_WAIT_POLLIN, .revents = 0};
    constexpr int kPollMillisMax = 1000;
    curl_multi_poll(multi_.get(), &stop, 1, kPollMillisMax, nullptr);
  }
}

}  // namespace tidemark::net
