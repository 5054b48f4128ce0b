#include "net/curl_transport.h"

#include <atomic>
#include <chrono>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/raw_server.h"

namespace tidemark::net {
namespace {

using test::RawServer;
using test::read_request;
using test::send_all;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class CurlTransportTest : public ::testing::Test {
 protected:
  Result<HttpResponse> get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.deadline = Millis{5'000};
    return transport_->send(request);
  }

  // The kind of error that a server of these bytes leads to; they are sent again and again when
  // endless is set.
  ErrorKind kind_of_answer(std::string_view bytes, std::string_view endless = {}) {
    RawServer server([=](int connection) {
      read_request(connection);
      send_all(connection, bytes);
      while (!endless.empty() && send_all(connection, endless)) {
      }
    });
    const Result<HttpResponse> response = get(server.url());
    EXPECT_FALSE(response);
    if (response) return ErrorKind::unsafe;
    EXPECT_THAT(response.error().message, StartsWith("127.0.0.1: "));
    return response.error().kind;
  }

  StopSignal stop_;
  std::unique_ptr<CurlTransport> transport_ = *CurlTransport::open({}, stop_);
};

TEST_F(CurlTransportTest, CarriesStatusHeadersAndBody) {
  RawServer server([](int connection) {
    read_request(connection);
    send_all(connection,
             "HTTP/1.1 100 Continue\r\nInterim: 1\r\n\r\nHTTP/1.1 503 Busy\r\nDate:  x y \r\n"
             "Content-Length: 4\r\n\r\n\0b\r\n");
    send_all(connection, std::string_view("\0b\r\n", 4));
  });
  const Result<HttpResponse> response = get(server.url());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(find_header(response->headers, "date"), "x y");
  EXPECT_EQ(find_header(response->headers, "Interim"), std::nullopt);
  EXPECT_EQ(response->body, std::string_view("\0b\r\n", 4));
}

TEST_F(CurlTransportTest, SendsWhatWasSignedAndNothingElse) {
  std::promise<std::string> seen;
  RawServer server([&](int connection) {
    seen.set_value(read_request(connection));
    send_all(connection, kOk);
  });
  HttpRequest request;
  request.method = "PUT";
  request.url = server.url("/a//b/../%2fc/./x?z=%2a&a=+");
  request.headers = {{"X-First", "1"}, {"X-Empty", ""}, {"Content-Type", "text/plain"}};
  request.body = std::string(100'000, 'x');
  ASSERT_TRUE(transport_->send(request));
  const std::string sent = seen.get_future().get();
  EXPECT_THAT(sent, StartsWith("PUT /a//b/../%2fc/./x?z=%2a&a=+ HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("X-First: 1\r\nX-Empty:\r\nContent-Type: text/plain\r\n"));
  EXPECT_THAT(sent, HasSubstr("User-Agent: tidemark\r\n"));
  EXPECT_THAT(sent, HasSubstr("Content-Length: 100000\r\n"));
  EXPECT_THAT(sent, Not(HasSubstr("Expect")));
  EXPECT_THAT(sent, Not(HasSubstr("Accept")));
}

TEST_F(CurlTransportTest, BodylessPutSaysSo) {
  std::promise<std::string> seen;
  RawServer server([&](int connection) {
    seen.set_value(read_request(connection));
    send_all(connection, kOk);
  });
  HttpRequest request;
  request.method = "PUT";
  request.url = server.url();
  ASSERT_TRUE(transport_->send(request));
  const std::string sent = seen.get_future().get();
  EXPECT_THAT(sent, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_THAT(sent, Not(HasSubstr("Content-Type")));
}

TEST_F(CurlTransportTest, HeadDoesNotWaitForABody) {
  RawServer server([](int connection) {
    while (!read_request(connection).empty())
      send_all(connection, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
  });
  HttpRequest request;
  request.method = "HEAD";
  request.url = server.url();
  const Result<HttpResponse> response = transport_->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(find_header(response->headers, "Content-Length"), "99");
}

TEST_F(CurlTransportTest, OneConnectionServesManyRequests) {
  RawServer server([](int connection) {
    while (!read_request(connection).empty()) send_all(connection, kOk);
  });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get(server.url()));
  EXPECT_EQ(server.connection_count(), 1);
}

TEST_F(CurlTransportTest, WhatIsToBeSentOnceIsNotSentAgainWhenAKeptConnectionBreaks) {
  for (const bool send_once : {false, true}) {
    std::atomic<int> creations = 0;
    RawServer server([&](int connection) {
      for (;;) {
        const std::string request = read_request(connection);
        if (request.empty()) return;
        // The first creation is done, and its answer is lost with the connection.
        if (request.starts_with("PUT") && ++creations == 1) return;
        send_all(connection, kOk);
      }
    });
    ASSERT_TRUE(get(server.url()));  // from now on a connection is kept
    HttpRequest request;
    request.method = "PUT";
    request.url = server.url();
    request.body = "x";
    request.send_once = send_once;
    const Result<HttpResponse> response = transport_->send(request);
    EXPECT_EQ(bool(response), !send_once);
    if (!response) {
      EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
      EXPECT_THAT(response.error().message, HasSubstr("the connection broke"));
    }
    EXPECT_EQ(creations, send_once ? 1 : 2);
    request.send_once = false;
    EXPECT_TRUE(transport_->send(request));
  }
}

TEST_F(CurlTransportTest, RequestsOfTwoThreadsDoNotWaitForEachOther) {
  std::promise<void> second_came;
  RawServer server([&](int connection) {
    if (read_request(connection).starts_with("GET /second"))
      second_came.set_value();
    else
      second_came.get_future().wait();
    send_all(connection, kOk);
  });
  auto first = std::async(std::launch::async, [&] { return bool(get(server.url("/first"))); });
  EXPECT_TRUE(get(server.url("/second")));
  EXPECT_TRUE(first.get());
}

TEST_F(CurlTransportTest, RedirectIsAnAnswerNotAnOrder) {
  RawServer target([](int connection) { read_request(connection); });
  RawServer server([&](int connection) {
    read_request(connection);
    send_all(connection,
             "HTTP/1.1 307 T\r\nContent-Length: 0\r\nLocation: " + target.url() + "\r\n\r\n");
  });
  const Result<HttpResponse> response = get(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(target.connection_count(), 0);
}

TEST_F(CurlTransportTest, CompressedBodyStaysAsItCame) {
  RawServer server([](int connection) {
    read_request(connection);
    send_all(connection,
             "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbomb");
  });
  EXPECT_EQ(get(server.url())->body, "bomb");
}

TEST_F(CurlTransportTest, BrokenConnectionsAreUnavailable) {
  const std::string nobody = RawServer([](int) {}).url();  // its port is free again
  EXPECT_EQ(get(nobody).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(kind_of_answer(""), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\nDate"), ErrorKind::unavailable);
  RawServer resetting([](int connection) {
    read_request(connection);
    test::reset(connection);
  });
  EXPECT_EQ(get(resetting.url()).error().kind, ErrorKind::unavailable);
}

TEST_F(CurlTransportTest, CutShortIsUnavailable) {
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
            ErrorKind::unavailable);
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
            ErrorKind::unavailable);
}

TEST_F(CurlTransportTest, WhatIsNotHttpIsUnavailable) {
  EXPECT_EQ(kind_of_answer("SSH-2.0-OpenSSH\r\n"), ErrorKind::unavailable);
}

TEST_F(CurlTransportTest, BodyIsCapped) {
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"),
            ErrorKind::exhausted);
  const std::string chunk = "100000\r\n" + std::string(1 << 20, 'x') + "\r\n";
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk),
            ErrorKind::exhausted);
}

TEST_F(CurlTransportTest, HeadersAreCapped) {
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\n", "a: b\r\n"), ErrorKind::exhausted);
  EXPECT_EQ(kind_of_answer("HTTP/1.1 200 OK\r\n", "a: " + std::string(60'000, 'x') + "\r\n"),
            ErrorKind::exhausted);
}

TEST_F(CurlTransportTest, EndlessHeaderLineEnds) {
  const ErrorKind kind = kind_of_answer("HTTP/1.1 200 OK\r\nX: ", std::string(60'000, 'x'));
  EXPECT_TRUE(kind == ErrorKind::exhausted || kind == ErrorKind::unavailable);
}

TEST_F(CurlTransportTest, EndlessInterimAnswersEnd) {
  EXPECT_EQ(kind_of_answer("", "HTTP/1.1 100 Continue\r\n\r\n"), ErrorKind::exhausted);
}

TEST_F(CurlTransportTest, SilenceEndsAtTheDeadline) {
  RawServer server([](int connection) {
    read_request(connection);
    read_request(connection);  // waits until the client is gone
  });
  HttpRequest request;
  request.url = server.url();
  request.deadline = Millis{80};
  EXPECT_EQ(transport_->send(request).error().kind, ErrorKind::timed_out);
}

TEST_F(CurlTransportTest, DripEndsAtTheDeadline) {
  RawServer server([](int connection) {
    read_request(connection);
    send_all(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (send_all(connection, "x")) std::this_thread::sleep_for(Millis{5});
  });
  HttpRequest request;
  request.url = server.url();
  request.deadline = Millis{80};
  EXPECT_EQ(transport_->send(request).error().kind, ErrorKind::timed_out);
}

TEST_F(CurlTransportTest, StopEndsATransferAtOnce) {
  RawServer server([&](int connection) {
    read_request(connection);
    stop_.request();
    read_request(connection);
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{900});
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::cancelled);
}

TEST_F(CurlTransportTest, WorksAgainAfterAFailure) {
  int turn = 0;
  RawServer server([&](int connection) {
    read_request(connection);
    send_all(connection, turn++ == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx" : kOk);
  });
  EXPECT_FALSE(get(server.url()));
  EXPECT_EQ(get(server.url())->body, "ok");
}

TEST_F(CurlTransportTest, PlainHttpStaysOnThisMachine) {
  EXPECT_EQ(get("http://rds.eu-west-1.amazonaws.com/").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(get("http://127.0.0.1.example.com/").error().kind, ErrorKind::invalid_input);
}

TEST_F(CurlTransportTest, UnusableUrlsAreRefused) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "", "https://a b/"})
    EXPECT_EQ(get(url).error().kind, ErrorKind::invalid_input) << url;
}

TEST_F(CurlTransportTest, HeadersCannotBeForged) {
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  for (const Headers& headers : {Headers{{"A", "b\r\nC: d"}}, Headers{{"A:", "b"}},
                                 Headers{{"", "b"}}, Headers{{"A b", "c"}}}) {
    request.headers = headers;
    EXPECT_EQ(transport_->send(request).error().kind, ErrorKind::invalid_input);
  }
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_EQ(transport_->send(request).error().kind, ErrorKind::invalid_input);
}

TEST_F(CurlTransportTest, UnknownHostIsUnavailableAndNamed) {
  const Result<HttpResponse> response = get("https://nowhere.invalid/");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(response.error().message, StartsWith("nowhere.invalid: could not"));
}

// Sets http_proxy for the length of a test.
class ProxyVariable {
 public:
  explicit ProxyVariable(const std::string& url) { ::setenv("http_proxy", url.c_str(), 1); }
  ~ProxyVariable() { ::unsetenv("http_proxy"); }
};

TEST_F(CurlTransportTest, ProxyOfTheEnvironmentIsUsedButNotForThisMachine) {
  std::promise<std::string> seen;
  RawServer proxy([&](int connection) {
    seen.set_value(read_request(connection));
    send_all(connection, kOk);
  });
  RawServer near([](int connection) {
    read_request(connection);
    send_all(connection, kOk);
  });
  const ProxyVariable variable(proxy.url());
  EXPECT_TRUE(get(near.url()));
  EXPECT_EQ(proxy.connection_count(), 0);

  transport_ = *CurlTransport::open({.plain_http_anywhere = true}, stop_);
  EXPECT_TRUE(get("http://somewhere.invalid/x"));
  EXPECT_THAT(seen.get_future().get(), StartsWith("GET http://somewhere.invalid/x HTTP/1.1\r\n"));
}

TEST(CurlTransport, MissingBundleIsDenied) {
  StopSignal stop;
  const auto transport = CurlTransport::open({.ca_bundle = "/nonexistent.pem"}, stop);
  ASSERT_FALSE(transport);
  EXPECT_EQ(transport.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace tidemark::net
