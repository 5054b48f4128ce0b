#include "aws/s3/bucket_settings.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/s3/s3_error.h"
#include "aws/wire/endpoint.h"
#include "aws/wire/service_error.h"
#include "aws/wire/xml.h"

namespace tidemark::aws {
namespace {

constexpr std::size_t kBytesMax = 4u << 20;

// What S3 answers when a setting was never made.
constexpr std::string_view kAbsent[] = {
    "NoSuchLifecycleConfiguration", "NoSuchBucketPolicy", "ObjectLockConfigurationNotFoundError",
    "NoSuchPublicAccessBlockConfiguration", "ReplicationConfigurationNotFoundError"};

class Reader {
 public:
  Reader(const BucketLocation& location, SenderParts parts)
      : location_(location),
        region_(location.region.empty() ? std::string(kDefaultS3Region) : location.region),
        sender_(
            parts,
            [this](net::HttpRequest& request, const Credentials& credentials, TimePoint now) {
              return sign(request, credentials, {region_, "s3"}, now);
            },
            SenderOptions{}) {}

  // The body; nullopt when the setting was never made.
  Result<std::optional<std::string>> read(std::string_view setting) {
    std::optional<std::string> moved_to;
    auto body = read_once(setting, moved_to);
    if (body || !moved_to || *moved_to == region_) return absent_is_no_error(std::move(body));
    region_ = *moved_to;
    return absent_is_no_error(read_once(setting, moved_to));
  }

  Result<std::optional<XmlDocument>> read_document(std::string_view setting) {
    auto body = TRY(read(setting));
    if (!body) return std::optional<XmlDocument>();
    auto document = XmlDocument::parse(*std::move(body));
    if (!document) return in_context(std::string(setting), std::move(document).error());
    return std::optional<XmlDocument>(*std::move(document));
  }

 private:
  using Body = Result<std::optional<std::string>>;

  Body read_once(std::string_view setting, std::optional<std::string>& moved_to) {
    net::HttpRequest request;
    request.method = "GET";
    request.url = TRY(bucket_url(location_, region_)) + fmt::format("/?{}=", setting);
    request.response_bytes_max = kBytesMax;
    std::optional<std::string> text;
    const Status done =
        sender_.send(fmt::format("GET s3://{}?{}", location_.bucket, setting), std::move(request),
                     [&](net::HttpResponse& response) -> Status {
                       if (response.status >= 200 && response.status <= 299) {
                         text.emplace(response.body.begin(), response.body.end());
                         return Done{};
                       }
                       if (location_.endpoint_url.empty()) moved_to = region_hint(response);
                       return s3_error(response);
                     });
    if (!done) return done.error();
    return text;
  }

  static Body absent_is_no_error(Body body) {
    if (body) return body;
    const std::string& code = body.error().code;
    if (std::find(std::begin(kAbsent), std::end(kAbsent), code) != std::end(kAbsent))
      return std::optional<std::string>();
    return body;
  }

  const BucketLocation& location_;
  std::string region_;
  SignedSender sender_;
};

Result<core::BucketVersioning> read_versioning(Reader& reader) {
  const auto document = TRY(reader.read_document("versioning"));
  core::BucketVersioning versioning;
  if (!document) return versioning;
  versioning.enabled = document->root().text("Status") == "Enabled";
  versioning.suspended = document->root().text("Status") == "Suspended";
  versioning.mfa_delete = document->root().text("MfaDelete") == "Enabled";
  return versioning;
}

Result<bool> read_lock(Reader& reader) {
  const auto document = TRY(reader.read_document("object-lock"));
  return document && document->root().text("ObjectLockEnabled") == "Enabled";
}

// The prefix stands in the rule, in its filter, or in the filter's And.
std::string prefix_of(const XmlNode& rule) {
  const XmlNode filter = rule.child("Filter");
  for (const XmlNode& place : {rule, filter, filter.child("And")})
    if (std::string prefix = place.text("Prefix"); !prefix.empty()) return prefix;
  return "";
}

Result<std::optional<int>> days_of(const XmlNode& action, std::string_view name) {
  const auto days = TRY(action.integer(name));
  if (days) return std::optional(static_cast<int>(std::clamp<std::int64_t>(*days, 0, 1'000'000)));
  return std::optional<int>();
}

Result<std::vector<core::LifecycleRule>> read_lifecycle(Reader& reader) {
  const auto document = TRY(reader.read_document("lifecycle"));
  std::vector<core::LifecycleRule> rules;
  if (!document) return rules;
  for (const XmlNode& node : document->root().children("Rule")) {
    core::LifecycleRule rule{.id = node.text("ID"),
                             .enabled = node.text("Status") == "Enabled",
                             .prefix = prefix_of(node)};
    const XmlNode expiration = node.child("Expiration");
    rule.expiration_days = TRY(days_of(expiration, "Days"));
    if (!expiration.text("Date").empty()) rule.expiration_days = 0;
    rule.noncurrent_days =
        TRY(days_of(node.child("NoncurrentVersionExpiration"), "NoncurrentDays"));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<std::optional<core::PublicAccessBlock>> read_public_access(Reader& reader) {
  const auto document = TRY(reader.read_document("publicAccessBlock"));
  if (!document) return std::optional<core::PublicAccessBlock>();
  const auto is = [&](std::string_view name) { return document->root().text(name) == "true"; };
  return std::optional(core::PublicAccessBlock{.acls = is("BlockPublicAcls"),
                                               .ignores_acls = is("IgnorePublicAcls"),
                                               .policy = is("BlockPublicPolicy"),
                                               .restricts = is("RestrictPublicBuckets")});
}

Result<std::string> read_policy(Reader& reader) {
  const auto body = TRY(reader.read("policy"));
  return body.value_or("");
}

Result<std::vector<core::Grant>> read_grants(Reader& reader) {
  const auto document = TRY(reader.read_document("acl"));
  std::vector<core::Grant> grants;
  if (!document) return grants;
  const std::string owner = document->root().child("Owner").text("ID");
  for (const XmlNode& node : document->root().child("AccessControlList").children("Grant")) {
    const XmlNode grantee = node.child("Grantee");
    const std::string id = grantee.text("ID");
    grants.push_back({.grantee = id.empty() ? grantee.text("URI") : id,
                      .permission = node.text("Permission"),
                      .to_owner = !id.empty() && id == owner});
  }
  return grants;
}

Result<bool> read_replication(Reader& reader) {
  const auto document = TRY(reader.read_document("replication"));
  if (!document) return false;
  const auto rules = document->root().children("Rule");
  return std::any_of(rules.begin(), rules.end(),
                     [](const XmlNode& rule) { return rule.text("Status") == "Enabled"; });
}

}  // namespace

Result<core::BucketSettings> read_bucket_settings(const BucketLocation& location,
                                                  SenderParts parts) {
  TRY(bucket_url(location, location.region.empty() ? kDefaultS3Region : location.region));
  Reader reader(location, parts);
  return core::BucketSettings{.name = location.bucket,
                              .versioning = read_versioning(reader),
                              .object_lock = read_lock(reader),
                              .lifecycle = read_lifecycle(reader),
                              .public_access = read_public_access(reader),
                              .policy = read_policy(reader),
                              .grants = read_grants(reader),
                              .replicated = read_replication(reader)};
}

}  // namespace tidemark::aws
