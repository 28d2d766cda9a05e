"""What one request may ask for (RFC 8620 section 2); told in the session, kept by the kernel."""

from typing import Final

REQUEST_OCTETS_MAX: Final = 10 * 1024 * 1024
UPLOAD_OCTETS_MAX: Final = 100 * 1024 * 1024  # unless WOMaxUploadSize says less
CALLS_MAX: Final = 64  # of one request
OBJECTS_IN_GET_MAX: Final = 1_000
OBJECTS_IN_SET_MAX: Final = 1_000
CONCURRENT_REQUESTS_MAX: Final = 8  # of one session
CONCURRENT_UPLOADS_MAX: Final = 4
USING_MAX: Final = 100  # capabilities named by a request
CHANGES_MAX: Final = 5_000  # ids of one answer of /changes; the client asks again for more
FILTER_DEPTH_MAX: Final = 16
FILTER_CONDITIONS_MAX: Final = 200
SORT_MAX: Final = 8  # comparators
PATCH_MAX: Final = 2_000  # pointers of one patch
ANSWER_OCTETS_MAX: Final = 64 * 1024 * 1024  # of all answers to one request
REQUEST_SECONDS_MAX: Final = 240.0  # for all calls of one request; proxies give up after 300
