#include "aws/s3/version_listing.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/s3/listing_text.h"

namespace tidemark::aws {
namespace {

Result<S3Version> read_version(const XmlNode& node, const KeyDecoder& decoder) {
  S3Version version;
  version.is_marker = node.name() == "DeleteMarker";
  version.key = TRY(required_key(node, decoder));
  version.id = TRY(node.required_text("VersionId"));
  version.is_latest = TRY(node.boolean("IsLatest")).value_or(false);
  version.modified = TRY(required_time(node, "LastModified"));
  if (version.is_marker) return version;
  version.size = TRY(required_size(node));
  version.etag = node.text("ETag");
  version.storage_class = node.text("StorageClass");
  return version;
}

// The order of S3, as far as the entries tell it.
bool comes_before(const S3Version& one, const S3Version& other) {
  if (one.key != other.key) return one.key < other.key;
  if (one.is_latest != other.is_latest) return one.is_latest;
  return one.modified > other.modified;
}

Error out_of_order() { return page_error("has keys out of their order"); }

bool keys_in_order(const std::vector<S3Version>& versions) {
  return std::is_sorted(versions.begin(), versions.end(),
                        [](const auto& one, const auto& other) { return one.key < other.key; });
}

// Versions first, then markers, each in their order: the two are merged. A listing that is in order
// already is left as it is, because it knows more of the order than times of whole seconds tell.
// Where a version and a marker stand apart and are of one second, and neither is the latest,
// nothing tells which came first: the version counts as the newer one, so that a file comes back
// rather than stays hidden.
Status put_in_order(std::vector<S3Version>& versions) {
  const bool in_order = std::is_sorted(versions.begin(), versions.end(), comes_before);
  if (in_order) return Done{};
  const auto markers = std::find_if(versions.begin(), versions.end(),
                                    [](const S3Version& one) { return one.is_marker; });
  const bool apart =
      std::all_of(markers, versions.end(), [](const S3Version& one) { return one.is_marker; });
  if (!apart) return keys_in_order(versions) ? Status(Done{}) : out_of_order();
  std::vector<S3Version> merged;
  merged.reserve(versions.size());
  std::merge(versions.begin(), markers, markers, versions.end(), std::back_inserter(merged),
             comes_before);
  versions = std::move(merged);
  return keys_in_order(versions) ? Status(Done{}) : out_of_order();
}

// What is the latest has nothing of its key before it, unless that was on a page before: then it
// may have been destroyed since.
Status check_latest(const std::vector<S3Version>& versions) {
  for (std::size_t i = 1; i < versions.size(); ++i)
    if (versions[i].is_latest && versions[i].key == versions[i - 1].key)
      return page_error(fmt::format("has something newer than the latest version of {}",
                                    quoted_key(versions[i].key)));
  return Done{};
}

}  // namespace

Result<VersionPage> read_version_page(const XmlNode& root, const std::string& prefix,
                                      const std::string& previous) {
  if (root.name() != "ListVersionsResult") return page_error("is something else");
  const KeyDecoder decoder(root);
  VersionPage page;
  for (const XmlNode node : root.children()) {
    if (node.name() != "Version" && node.name() != "DeleteMarker") continue;
    page.versions.push_back(TRY(read_version(node, decoder)));
    TRY(check_prefix_of(page.versions.back().key, prefix));
  }
  TRY(put_in_order(page.versions));
  TRY(check_latest(page.versions));
  if (!page.versions.empty() && page.versions.front().key < previous)
    return page_error(fmt::format("has {} after {}", quoted_key(page.versions.front().key),
                                  quoted_key(previous)));
  if (!TRY(is_truncated(root))) return page;
  page.next_key = TRY(decoder.decode(root.text("NextKeyMarker")));
  page.next_id = root.text("NextVersionIdMarker");
  if (page.next_key.empty()) return page_error("is not the last, and names no next one");
  return page;
}

}  // namespace tidemark::aws
