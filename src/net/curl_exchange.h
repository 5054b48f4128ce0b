// CurlExchange: one libcurl handle with its connections, carrying one request at a time.
//
// Not thread-safe. Used by CurlTransport alone.
#pragma once

#include <memory>

#include <curl/curl.h>

#include "base/stop.h"
#include "net/curl_transport.h"
#include "net/url.h"

namespace tidemark::net {

// libcurl's own start and end, which count how often they were called.
void start_curl();
void end_curl();

class CurlExchange {
 public:
  // Both are borrowed.
  CurlExchange(const CurlOptions& options, const StopSignal& stop);

  // direct: never through a proxy.
  Result<HttpResponse> carry(const HttpRequest& request, const Url& url, bool direct);

 private:
  struct EasyCleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct MultiCleanup {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };
  struct ListFree {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using HeaderList = std::unique_ptr<curl_slist, ListFree>;

  template <class Value>
  void set(CURLoption option, Value value) {
    CHECK(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK);
  }
  void set_limits(const HttpRequest& request);
  void set_trust();
  void set_request(const HttpRequest& request, const curl_slist* headers);
  static HeaderList header_list(const HttpRequest& request);
  Result<CURLcode> run();

  const CurlOptions& options_;
  const StopSignal& stop_;
  // The multi handle owns the connections and goes last.
  std::unique_ptr<CURLM, MultiCleanup> multi_;
  std::unique_ptr<CURL, EasyCleanup> easy_;
};

}  // namespace tidemark::net
