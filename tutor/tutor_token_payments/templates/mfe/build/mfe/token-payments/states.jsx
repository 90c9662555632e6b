/** What stands in the slot, state by state. */
import React from 'react';
import { Button, Spinner } from '@openedx/paragon';
import { useIntl } from '@edx/frontend-platform/i18n';

import messages from './messages';

const CODE = 'token_code';
const WALLET = 'wallet';

/** The label says how one can pay, as far as this file knows the methods. */
function chooseLabel(item) {
  if (item.refusal?.code === 'already_paid') {
    return messages.enrollAgain;
  }
  const slugs = item.methods.map((method) => method.slug);
  const hasCode = slugs.includes(CODE);
  const hasTokens = slugs.includes(WALLET);
  if (hasCode && hasTokens) {
    return messages.payEither;
  }
  if (hasCode) {
    return messages.payCode;
  }
  return hasTokens ? messages.payTokens : messages.payOther;
}

function Price({ prices }) {
  const intl = useIntl();
  const texts = [prices.money, ...prices.tokens].filter(Boolean).map((price) => price.text);
  if (texts.length === 0) {
    return null;
  }
  const alternatives = intl.formatList(texts, { type: 'disjunction' });
  return (
    <p className="small mb-0 mt-2">
      {intl.formatMessage(messages.price, { prices: alternatives })}
    </p>
  );
}

function Refusal({ text }) {
  return <p className="mb-0" role="status">{text}</p>;
}

/** Links that look like buttons: they lead to other pages, and can be opened in a new tab. */
export function Pay({
  item, href, freeHref, isSignedIn, focusRef,
}) {
  const intl = useIntl();
  const isPaid = item.refusal?.code === 'already_paid';
  const label = isSignedIn ? chooseLabel(item) : messages.signIn;
  return (
    <>
      {item.refusal && <Refusal text={item.refusal.text} />}
      <Button as="a" href={href} ref={focusRef} className={item.refusal ? 'mt-2' : undefined}>
        {intl.formatMessage(label)}
      </Button>
      {!isPaid && <Price prices={item.prices} />}
      {freeHref && (
        <Button as="a" href={freeHref} variant="outline-primary" className="mt-3">
          {intl.formatMessage(messages.free)}
        </Button>
      )}
    </>
  );
}

export function Enrolled({ href, focusRef }) {
  const intl = useIntl();
  return (
    <>
      <p className="mb-2" role="status">{intl.formatMessage(messages.enrolled)}</p>
      <Button as="a" href={href} ref={focusRef}>{intl.formatMessage(messages.goToCourse)}</Button>
    </>
  );
}

/** Closed, full, by invitation, not offered: why, in the LMS's words. */
export function Unavailable({ item, signInHref, focusRef }) {
  const intl = useIntl();
  return (
    <>
      <Refusal text={item.refusal?.text || intl.formatMessage(messages.unavailable)} />
      {signInHref && (
        <Button as="a" href={signInHref} ref={focusRef} variant="outline-primary" className="mt-2">
          {intl.formatMessage(messages.signInInvited)}
        </Button>
      )}
    </>
  );
}

export function Loading() {
  const intl = useIntl();
  return (
    <Button disabled>
      <Spinner animation="border" size="sm" className="mr-2" aria-hidden="true" />
      {intl.formatMessage(messages.loading)}
    </Button>
  );
}

/** `reason` in the LMS's words; `children`, the host's own button, where it can't be a dead end. */
export function Failed({
  reason, onTryAgain, focusRef, children,
}) {
  const intl = useIntl();
  return (
    <>
      <p className="mb-2" role="alert">{reason || intl.formatMessage(messages.failed)}</p>
      <Button variant="outline-primary" onClick={onTryAgain} ref={focusRef}>
        {intl.formatMessage(messages.tryAgain)}
      </Button>
      {children && <div className="mt-3">{children}</div>}
    </>
  );
}
