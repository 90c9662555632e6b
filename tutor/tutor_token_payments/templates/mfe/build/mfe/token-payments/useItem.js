import { useCallback, useEffect, useState } from 'react';
import { logError } from '@edx/frontend-platform/logging';

import { fetchItem } from './api';

export const LOADING = 'loading';
export const FAILED = 'failed';
export const READY = 'ready';

/** An error's answer may say what is wrong, as an item does. */
const readReason = (error) => error.response?.data?.refusal?.text;

/**
 * What can be done with a course: `{ phase, item, reason, tries, tryAgain }`; `item` is null where
 * the plugin has nothing to say, `reason` is why it failed, where the LMS says it. An answer that
 * comes after the page has moved on is dropped.
 */
export default function useItem(itemKey) {
  const [answer, setAnswer] = useState({ phase: LOADING, item: null });
  const [tries, setTries] = useState(0);

  useEffect(() => {
    if (itemKey === null) {
      return undefined;
    }
    let isCurrent = true;
    const settle = (next) => isCurrent && setAnswer(next);
    setAnswer({ phase: LOADING, item: null });
    fetchItem(itemKey)
      .then((item) => settle({ phase: READY, item }))
      .catch((error) => {
        logError(error);
        settle({ phase: FAILED, item: null, reason: readReason(error) });
      });
    return () => { isCurrent = false; };
  }, [itemKey, tries]);

  const tryAgain = useCallback(() => setTries((count) => count + 1), []);
  return { ...answer, tries, tryAgain };
}
