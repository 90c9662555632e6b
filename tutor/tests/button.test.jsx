/** The button in the real slot: PluginSlot, IntlProvider and Paragon are the MFE's own. */
import React from 'react';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { getConfig, mergeConfig } from '@edx/frontend-platform';
import { configure as configureAuth } from '@edx/frontend-platform/auth';
import { IntlProvider } from '@edx/frontend-platform/i18n';
import { configure as configureLogging } from '@edx/frontend-platform/logging';
import { PLUGIN_OPERATIONS, PluginSlot } from '@openedx/frontend-plugin-framework';

import TokenPaymentsButton from '@button/TokenPaymentsButton';
import * as answers from './answers';

const SLOT = 'org.openedx.frontend.catalog.course_about_page.enrollment_button';
const ABOUT = `/catalog/courses/${answers.KEY}/about`;

let get;
let logError;

/** The host's page around the slot, as frontend-app-catalog has it. */
function CoursePage({ singlePaidMode = {} }) {
  const props = {
    singlePaidMode,
    ecommerceCheckout: false,
    isEnrollmentPending: false,
    onEnroll: () => {},
    onEcommerceCheckout: () => {},
  };
  return (
    <IntlProvider locale="en" messages={{}}>
      <main>
        <h1>Working safely</h1>
        <PluginSlot id={SLOT} slotOptions={{ mergeProps: true }} pluginProps={props}>
          <HostButton />
        </PluginSlot>
      </main>
    </IntlProvider>
  );
}

const HostButton = () => <button type="button">Enroll now</button>;

const hostButton = () => screen.queryByRole('button', { name: 'Enroll now' });
const link = (name) => screen.findByRole('link', { name });

function answer(data) {
  get.mockResolvedValue({ data });
}

function fail(status) {
  get.mockRejectedValueOnce(Object.assign(new Error('no answer'), status && { response: { status } }));
}

beforeEach(() => {
  window.history.pushState({}, '', ABOUT);
  get = vi.fn();
  logError = vi.fn();
  const loggingService = { logInfo: () => {}, logError };
  const config = getConfig();
  configureLogging(function Logging() { return loggingService; }, { config });
  configureAuth(
    function Auth() { return { getAuthenticatedHttpClient: () => ({ get }) }; },
    { config, loggingService },
  );
  mergeConfig({
    LMS_BASE_URL: 'http://lms.example',
    pluginSlots: {
      [SLOT]: {
        keepDefault: true,
        plugins: [{
          op: PLUGIN_OPERATIONS.Wrap, widgetId: 'default_contents', wrapper: TokenPaymentsButton,
        }],
      },
    },
  });
});

describe('what it asks', () => {
  it('asks the LMS once about the course of the page', async () => {
    answer(answers.payable);
    render(<CoursePage />);
    await link(/Enrol with/);
    expect(get.mock.calls).toEqual([
      ['http://lms.example/token-payments/api/front/v1/items/course-v1%3ADemo%2BSAFE201%2B2026'],
    ]);
  });

  it('reads a course key that the address has escaped', async () => {
    window.history.pushState({}, '', `/catalog/courses/${encodeURIComponent(answers.KEY)}/about`);
    answer(answers.payable);
    render(<CoursePage />);
    await link(/Enrol with/);
    expect(get.mock.calls[0][0]).toContain('/items/course-v1%3ADemo%2BSAFE201%2B2026');
  });

  it.each(['/catalog/', '/catalog/courses', '/catalog/courses/%E0%A4%A/about'])(
    'leaves the host alone on %s',
    (path) => {
      window.history.pushState({}, '', path);
      render(<CoursePage />);
      expect(hostButton()).toBeVisible();
      expect(get).not.toHaveBeenCalled();
    },
  );

  it('drops an answer about a course that the page has left', async () => {
    const pending = {};
    get.mockImplementation((url) => new Promise((resolve) => { pending[url] = resolve; }));
    const { rerender } = render(<CoursePage />);
    window.history.pushState({}, '', '/catalog/courses/course-v1:Demo+OTHER+1/about');
    rerender(<CoursePage />);
    const [first, second] = Object.values(pending);
    await act(async () => second({ data: answers.enrolled }));
    await act(async () => first({ data: answers.payable }));
    expect(screen.getByText('You are enrolled in this course.')).toBeVisible();
    expect(screen.queryByRole('link', { name: /Enrol with/ })).toBeNull();
  });
});

describe('what it shows', () => {
  it('says that it loads, and offers nothing until it knows', async () => {
    let resolve;
    get.mockReturnValue(new Promise((settle) => { resolve = settle; }));
    render(<CoursePage />);
    expect(screen.getByRole('button', { name: 'Loading…' })).toBeDisabled();
    expect(hostButton()).toBeNull();
    await act(async () => resolve({ data: answers.payable }));
    expect(screen.queryByRole('button', { name: 'Loading…' })).toBeNull();
  });

  it('leaves the host\'s own button to a free course', async () => {
    answer(answers.free);
    render(<CoursePage />);
    await waitFor(() => expect(hostButton()).toBeVisible());
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('leads to the checkout of a paid course, with its prices', async () => {
    answer(answers.payable);
    render(<CoursePage />);
    expect(await link('Enrol with tokens or a code')).toHaveAttribute('href', answers.CHECKOUT);
    expect(screen.getByText('Price: £149.00, 3 Gold, or 9 Silver')).toBeVisible();
    expect(hostButton()).toBeNull();
  });

  it.each([
    ['codes', answers.codeOnly, 'Enrol with a Token Code', 'Price: £149.00'],
    ['tokens', answers.tokensOnly, 'Enrol with training tokens', 'Price: 3 Gold or 9 Silver'],
  ])('names the way to pay where it is only %s', async (_, item, label, price) => {
    answer(item);
    render(<CoursePage />);
    expect(await link(label)).toBeVisible();
    expect(screen.getByText(price)).toBeVisible();
  });

  it('keeps its label neutral for payment methods of others', async () => {
    answer({ ...answers.payable, methods: [{ slug: 'card', name: 'Card' }] });
    render(<CoursePage />);
    expect(await link('Enrol')).toHaveAttribute('href', answers.CHECKOUT);
  });

  it('offers the free way beside the paid one', async () => {
    answer(answers.mixed);
    render(<CoursePage />);
    expect(await link('Enrol with tokens or a code')).toBeVisible();
    expect(await link('Take it at no cost')).toHaveAttribute('href', answers.mixed.free_url);
    expect(hostButton()).toBeNull();
  });

  it('lets visitors sign in who may have been invited', async () => {
    const text = 'Learners join this course by invitation.';
    answer({ ...answers.signedOut, ...answers.refused('invitation_only', text), login_url: '/login' });
    render(<CoursePage />);
    expect(await link('Sign in if you were invited')).toHaveAttribute('href', 'http://lms.example/login');
    expect(screen.getByRole('status')).toHaveTextContent(text);
  });

  it('lets somebody enrol again who has paid, without a price', async () => {
    answer(answers.paidBefore);
    render(<CoursePage />);
    expect(await link('Enrol again')).toHaveAttribute('href', answers.CHECKOUT);
    expect(screen.getByRole('status')).toHaveTextContent('You have already paid for this course.');
    expect(screen.queryByText(/Price/)).toBeNull();
  });

  it('leads visitors to the sign-in, and from there to the checkout', async () => {
    answer(answers.signedOut);
    render(<CoursePage />);
    const href = (await link('Sign in to enrol')).getAttribute('href');
    expect(href).toBe(answers.signedOut.login_url);
    expect(new URL(href).searchParams.get('next')).toMatch(/^\/token-payments\/checkout\//);
    expect(screen.getByText(/^Price/)).toBeVisible();
  });

  it('tells who is enrolled, and leads into the course', async () => {
    answer(answers.enrolled);
    render(<CoursePage />);
    expect(await link('Go to the course')).toHaveAttribute('href', answers.enrolled.course_url);
    expect(screen.getByRole('status')).toHaveTextContent('You are enrolled in this course.');
  });

  it.each([
    ['closed', 'Enrolment in this course is closed.'],
    ['full', 'All seats for this course are taken.'],
    ['invitation_only', 'Learners join this course by invitation.'],
    ['not_offered', 'This course can\'t be joined here.'],
  ])('says why nobody can join a course that is %s', async (state, text) => {
    answer(answers.refused(state, text));
    render(<CoursePage />);
    expect(await screen.findByText(text)).toHaveAttribute('role', 'status');
    expect(screen.queryByRole('link')).toBeNull();
    expect(hostButton()).toBeNull();
  });

  it('has words of its own when the LMS gives no reason', async () => {
    answer({ ...answers.unsold, state: 'not_offered' });
    render(<CoursePage />);
    expect(await screen.findByText('You can\'t enrol in this course now.')).toBeVisible();
  });

  it('takes a path in an address for the LMS\'s', async () => {
    answer({ ...answers.payable, checkout_url: `/token-payments/checkout/${answers.KEY}/` });
    render(<CoursePage />);
    expect(await link(/Enrol with/)).toHaveAttribute('href', answers.CHECKOUT);
  });

  it('shows what is in the MFE\'s own catalogue of messages', async () => {
    answer(answers.payable);
    render(
      <IntlProvider locale="fr" messages={{ 'token_payments.button.pay_either': 'Payer avec des jetons' }}>
        <TokenPaymentsButton component={<HostButton />} />
      </IntlProvider>,
    );
    expect(await link('Payer avec des jetons')).toBeVisible();
  });
});

describe('what it does when the LMS doesn\'t answer', () => {
  it('is the host\'s own button where the plugin is off or doesn\'t know the course', async () => {
    fail(404);
    render(<CoursePage />);
    await waitFor(() => expect(hostButton()).toBeVisible());
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each([[500], [undefined]])('says so on %s, keeps the host\'s button, tries again', async (status) => {
    fail(status);
    answer(answers.payable);
    render(<CoursePage />);
    expect(await screen.findByRole('alert')).toHaveTextContent('We couldn\'t find out how to enrol');
    expect(hostButton()).toBeVisible();
    expect(logError).toHaveBeenCalledTimes(1);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await link('Enrol with tokens or a code')).toHaveFocus();
  });

  it('says what is wrong where the LMS does', async () => {
    const text = 'Payments don\'t work at the moment. Please try again later.';
    const response = { status: 503, data: { refusal: { code: 'configuration', text } } };
    get.mockRejectedValueOnce(Object.assign(new Error('503'), { response }));
    render(<CoursePage />);
    expect(await screen.findByRole('alert')).toHaveTextContent(text);
  });

  it('leaves out the host\'s button where it would be a dead end', async () => {
    fail(500);
    render(<CoursePage singlePaidMode={{ slug: 'professional', minPrice: 149 }} />);
    await screen.findByRole('alert');
    expect(hostButton()).toBeNull();
  });

  it('gives the focus back to Try again when that fails too', async () => {
    fail(500);
    fail(500);
    render(<CoursePage />);
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Try again' })).toHaveFocus());
  });
});

describe('with a keyboard and a screen reader', () => {
  it('is one stop in the order of the page, and a real link', async () => {
    answer(answers.payable);
    render(<CoursePage />);
    const button = await link(/Enrol with/);
    await userEvent.tab();
    expect(button).toHaveFocus();
  });

  it.each([
    ['payable', answers.payable], ['mixed', answers.mixed], ['paid before', answers.paidBefore],
    ['signed out', answers.signedOut], ['enrolled', answers.enrolled],
    ['closed', answers.refused('closed', 'Enrolment in this course is closed.')],
  ])('has no fault that axe finds: %s', async (_, item) => {
    answer(item);
    const { container } = render(<CoursePage />);
    await waitFor(() => expect(container.querySelector('[data-token-payments]')).not.toBeNull());
    const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations).toEqual([]);
  });
});
