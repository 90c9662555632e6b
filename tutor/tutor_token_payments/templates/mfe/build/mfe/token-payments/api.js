/** What the LMS says about a course: docs/front-ends.md describes the answer. */
import { getConfig } from '@edx/frontend-platform';
import { getAuthenticatedHttpClient } from '@edx/frontend-platform/auth';

const ITEMS = '/token-payments/api/front/v1/items/';
const NOT_FOUND = 404;

/**
 * The course that the page is about, as the slot doesn't say: ".../courses/<course key>/about".
 * Null on a page with another address.
 */
export function findItemKey(pathname) {
  const [, written] = /\/courses\/([^/]+)/.exec(pathname) || [];
  try {
    return written ? decodeURIComponent(written) : null;
  } catch {
    return null;
  }
}

/** The answer; null where the plugin is switched off or doesn't know the course. */
export async function fetchItem(itemKey) {
  const url = `${getConfig().LMS_BASE_URL}${ITEMS}${encodeURIComponent(itemKey)}`;
  try {
    const { data } = await getAuthenticatedHttpClient().get(url);
    return data;
  } catch (error) {
    const status = error.response?.status ?? error.customAttributes?.httpErrorStatus;
    if (status === NOT_FOUND) {
      return null;
    }
    throw error;
  }
}
