// A server that wants to hurt us, from the socket to the document: whatever it sends ends in an
// error, in bounded time and memory.
#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "aws/wire/query_client.h"
#include "aws/wire/service_error.h"
#include "net/curl_transport.h"
#include "tests/support/raw_server.h"

namespace tidemark::aws {
namespace {

using test::RawServer;
using test::read_request;
using test::send_all;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // the sanitizer's own memory would be counted
#elif defined(__has_feature)
constexpr bool kMemoryIsOurs =
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kMemoryIsOurs = true;
#endif

constexpr long kMemoryMaxKib = 64 << 10;
constexpr auto kTimeMax = std::chrono::seconds(20);  // on a busy machine, with sanitizers

long peak_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != "VmHWM:") {
  }
  long kib = 0;
  status >> kib;
  return kib;
}

// The most memory that the process used between here and the end of the object's life.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
    before_ = peak_kib();
  }
  long grown_kib() const { return peak_kib() - before_; }

 private:
  long before_;
};

struct StaticCredentials final : CredentialProvider {
  Result<Credentials> get() override {
    return Credentials{.access_key_id = "key", .secret_access_key = Secret("secret")};
  }
  void forget() override {}
};

// What the server does after it has read the request.
using Attack = std::function<void(int connection)>;

class MaliciousServer : public ::testing::Test {
 protected:
  // How a call to a server ends that attacks like this.
  Error fall_for(const Attack& attack) {
    RawServer server([&](int connection) {
      read_request(connection);
      attack(connection);
    });
    StaticCredentials credentials;
    QueryClient client(
        {server.url().substr(0, server.url().size() - 1), "2014-10-31", {"x", "rds"}},
        {*transport_, credentials, clock_}, {.retry = {.attempts_max = 1}});
    const PeakMemory memory;
    const auto begin = std::chrono::steady_clock::now();
    const Result<XmlDocument> answer = client.call("X", {});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kTimeMax);
    if (kMemoryIsOurs) {
      EXPECT_LE(memory.grown_kib(), kMemoryMaxKib);
    }
    EXPECT_FALSE(answer);
    return answer ? Error{ErrorKind::unsafe, "it was taken for a success"} : answer.error();
  }

  // The same for an answer that is only a body: begin, then middle as long as it fits into
  // body_bytes, then end.
  Error fall_for_body(std::string_view begin, std::string_view middle, std::string_view end,
                      std::size_t body_bytes = kDocumentBytes) {
    std::string block;
    while (block.size() < 64 << 10) block += middle;
    const std::size_t blocks = (body_bytes - begin.size() - end.size()) / block.size();
    return fall_for([=](int connection) {
      send_all(connection, "HTTP/1.1 200 OK\r\nContent-Length: " +
                               std::to_string(begin.size() + end.size() + blocks * block.size()) +
                               "\r\n\r\n");
      bool sent = send_all(connection, begin);
      for (std::size_t i = 0; sent && i < blocks; ++i) sent = send_all(connection, block);
      send_all(connection, end);
    });
  }

  static constexpr std::size_t kDocumentBytes = 16 << 20;
  StopSignal stop_;
  SystemClock clock_{stop_};
  std::unique_ptr<net::CurlTransport> transport_ = *net::CurlTransport::open({}, stop_);
};

TEST_F(MaliciousServer, GigabyteOfXml) {
  EXPECT_EQ(fall_for_body("<XResponse>", "<a>b</a>", "</XResponse>", 1 << 30).kind,
            ErrorKind::exhausted);
}

TEST_F(MaliciousServer, EndlessXml) {
  EXPECT_EQ(fall_for([](int connection) {
              send_all(connection, "HTTP/1.1 200 OK\r\n\r\n<XResponse>");
              while (send_all(connection, std::string(64 << 10, 'x'))) {
              }
            }).kind,
            ErrorKind::exhausted);
}

TEST_F(MaliciousServer, MillionLevels) {
  EXPECT_EQ(fall_for_body("", "<a>", "", 3 << 20).kind, ErrorKind::exhausted);
}

TEST_F(MaliciousServer, DepthBelowTheLimitOfParts) {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "<a>";
  for (int i = 0; i < 100'000; ++i) body += "</a>";
  EXPECT_EQ(fall_for([&](int connection) {
              send_all(connection, "HTTP/1.1 200 OK\r\nContent-Length: " +
                                       std::to_string(body.size()) + "\r\n\r\n" + body);
            }).kind,
            ErrorKind::exhausted);
}

TEST_F(MaliciousServer, ManySmallElements) {
  for (const char* unit : {"<a/>", "x<a/>", "<a b=''/>", "&amp;", "<!-- -->x", "<?x?>"}) {
    SCOPED_TRACE(unit);
    EXPECT_NE(fall_for_body("<Y>", unit, "</Y>").kind, ErrorKind::unsafe);
  }
}

// The most memory that a document within the limits can cost.
TEST_F(MaliciousServer, LargestDocumentWithinTheLimits) {
  std::string many;
  for (int i = 0; i < 299'000; ++i) many += "x<a/>";
  EXPECT_NE(fall_for_body("<Y>" + many, "x", "</Y>").kind, ErrorKind::unsafe);
}

TEST_F(MaliciousServer, EntityBomb) {
  const std::string bomb =
      "<!DOCTYPE Y [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><XResponse>";
  EXPECT_EQ(fall_for_body(bomb, "&c;", "</XResponse>", 1 << 20).kind, ErrorKind::unavailable);
}

TEST_F(MaliciousServer, ExternalEntity) {
  EXPECT_EQ(fall_for_body("<!DOCTYPE Y SYSTEM \"file:///etc/passwd\"><XResponse>", " ",
                          "</XResponse>", 1 << 20)
                .kind,
            ErrorKind::unavailable);
}

TEST_F(MaliciousServer, MillionHeaders) {
  EXPECT_EQ(fall_for([](int connection) {
              send_all(connection, "HTTP/1.1 200 OK\r\n");
              for (int i = 0; i < 1'000'000 && send_all(connection, "X-A: b\r\n"); ++i) {
              }
            }).kind,
            ErrorKind::exhausted);
}

TEST_F(MaliciousServer, EndlessContinue) {
  EXPECT_EQ(fall_for([](int connection) {
              while (send_all(connection, "HTTP/1.1 100 Continue\r\n\r\n")) {
              }
            }).kind,
            ErrorKind::exhausted);
}

TEST_F(MaliciousServer, CompressedBombStaysCompressed) {
  EXPECT_EQ(fall_for([](int connection) {
              // The head of a gzip stream; nobody shall ever look at the rest.
              const std::string body = "\x1f\x8b\x08" + std::string(1000, '\x01');
              send_all(connection, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                                       std::to_string(body.size()) + "\r\n\r\n" + body);
            }).kind,
            ErrorKind::unavailable);
}

TEST_F(MaliciousServer, RedirectsLeadNowhere) {
  RawServer trap([](int) {});
  for (const std::string& target :
       {std::string("file:///etc/passwd"), std::string("http://169.254.169.254/latest/meta-data"),
        std::string("//evil.example.com/"), trap.url()}) {
    for (const char* status : {"301", "302", "303", "307", "308"}) {
      const Error error = fall_for([&](int connection) {
        send_all(connection, std::string("HTTP/1.1 ") + status +
                                 " Go\r\nContent-Length: 0\r\nLocation: " + target + "\r\n\r\n");
      });
      EXPECT_EQ(error.kind, ErrorKind::rejected);
    }
  }
  EXPECT_EQ(trap.connection_count(), 0);
}

}  // namespace
}  // namespace tidemark::aws
