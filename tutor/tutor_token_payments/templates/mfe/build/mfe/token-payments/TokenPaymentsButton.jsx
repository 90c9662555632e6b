/**
 * The Enroll button of a course's page in the Catalog MFE, for courses that are paid with tokens.
 *
 * Wraps the host's own button in the slot
 * `org.openedx.frontend.catalog.course_about_page.enrollment_button`. That one POSTs an enrolment,
 * ignores the answer and goes to the dashboard: right for a free course, a dead end for a paid one.
 */
import React, { useEffect, useRef } from 'react';
import { getConfig } from '@edx/frontend-platform';

import { findItemKey } from './api';
import {
  Enrolled, Failed, Loading, Pay, Unavailable,
} from './states';
import useItem, { FAILED, LOADING } from './useItem';

/** Whole addresses stay; a path is the LMS's, not the MFE's. Null stays null. */
const absolute = (url) => url && new URL(url, getConfig().LMS_BASE_URL).href;

/** Whether the host itself says that the course can only be paid for. */
const isPaidOnly = (pluginProps) => Object.keys(pluginProps?.singlePaidMode || {}).length > 0;

function choose({ item, component, focusRef }) {
  switch (item.state) {
    case 'payable':
    case 'signed_out':
      return (
        <Pay
          item={item}
          href={absolute(item.state === 'payable' ? item.checkout_url : item.login_url)}
          freeHref={absolute(item.free_url)}
          isSignedIn={item.state === 'payable'}
          focusRef={focusRef}
        />
      );
    case 'enrolled':
      return <Enrolled href={absolute(item.course_url)} focusRef={focusRef} />;
    case 'invitation_only':
      return <Unavailable item={item} signInHref={absolute(item.login_url)} focusRef={focusRef} />;
    case 'closed':
    case 'full':
    case 'not_offered':
      return <Unavailable item={item} focusRef={focusRef} />;
    default: // free
      return component;
  }
}

/**
 * @param {React.ReactElement} component the host's own button
 * @param {object} pluginProps what the slot hands on
 */
export default function TokenPaymentsButton({ component, pluginProps = undefined }) {
  const itemKey = findItemKey(window.location.pathname);
  const {
    phase, item, reason, tries, tryAgain,
  } = useItem(itemKey);
  const focusRef = useRef(null);

  // Who has tried again by keyboard is led to what came of it: the button is gone.
  useEffect(() => {
    if (tries > 0 && phase !== LOADING) {
      focusRef.current?.focus();
    }
  }, [phase, tries]);

  if (itemKey === null) {
    return component;
  }
  if (phase === LOADING) {
    return <div aria-busy="true"><Loading /></div>;
  }
  if (phase === FAILED) {
    return (
      <Failed reason={reason} onTryAgain={tryAgain} focusRef={focusRef}>
        {isPaidOnly(pluginProps) ? null : component}
      </Failed>
    );
  }
  if (item === null) {
    return component;
  }
  return <div data-token-payments={item.state}>{choose({ item, component, focusRef })}</div>;
}
