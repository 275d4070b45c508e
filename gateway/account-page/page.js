// The script of /account; it stands in the page, and runs in browsers alone.
(() => {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const panes = ['log-in', 'sign-up', 'ask-reset', 'reset', 'confirm', 'email', 'invitation', 'transfer', 'account'];
  // The token of a mail's link leaves the address bar at once, so that it stays in no history.
  const [, kind, token] = /^#(confirm|reset|email|invitation|transfer)=([\w-]+)$/.exec(location.hash) ?? [];
  if (kind) history.replaceState(null, '', location.pathname);

  const say = (text, bad = false) => {
    $('message').textContent = text;
    $('message').className = bad ? 'bad' : '';
    if (bad) $('message').focus();
  };
  const show = (id) => {
    for (const pane of panes) $(pane).hidden = pane !== id;
    document.querySelector(`#${id} input:not([hidden])`)?.focus();
  };

  const ask = async (query, variables = {}) => {
    const response = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ query, variables }) });
    const { data, errors } = await response.json();
    if (errors) throw new Error(errors[0].message);
    return data;
  };
  /** One mutation: its payload, or what it refuses as an Error with the code. */
  const act = async (name, input, fields) => {
    const type = name[0].toUpperCase() + name.slice(1);
    const { result } = await ask(`mutation ($input: ${type}Input!) { result: ${name}(input: $input) { ... on ${type}Payload { ${fields} } ... on UserError { code message hint } } }`, { input });
    if (result.code) throw Object.assign(new Error([result.message, result.hint].filter(Boolean).join(' ')), { code: result.code });
    return result;
  };

  const onSubmit = (id, handle) => {
    $(id).addEventListener('submit', (event) => { event.preventDefault(); void submit(event.currentTarget, handle); });
  };
  const submit = async (form, handle) => {
    const button = form.querySelector('button');
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    say('');
    try { await handle(Object.fromEntries(new FormData(form)), form); } catch (error) { say(error.message, true); } finally { button.removeAttribute('aria-busy'); }
  };
  const onClick = (id, handle) => { $(id).addEventListener('click', () => { Promise.resolve(handle()).catch((error) => { say(error.message, true); }); }); };

  const addItem = (list, text, button) => {
    const item = document.createElement('li');
    item.append(text, ...(button ? [' ', button] : []));
    list.append(item);
  };
  let viewer = null;
  const showAccount = async () => {
    ({ viewer } = await ask(`{ viewer { email twoFactorEnabled recoveryCodesLeft
      sessions(first: 50) { nodes { id userAgent address lastUsedAt current } }
      deletionConsequences { refusal appsToDelete(first: 100) { totalCount nodes { name } } appsToLeave { name } keysToEnd(first: 1) { totalCount } } } }`));
    if (!viewer) { show('log-in'); return; }
    for (const place of document.querySelectorAll('[data-email]')) place.textContent = viewer.email;
    // Password managers want to know whose password it is.
    for (const place of document.querySelectorAll('[data-username]')) place.value = viewer.email;
    document.querySelector('[data-two-factor]').textContent = viewer.twoFactorEnabled ? `On; ${viewer.recoveryCodesLeft} recovery codes are left` : 'Off';
    $('two-factor').querySelector('button').textContent = viewer.twoFactorEnabled ? 'Turn off' : 'Set up';
    $('sessions').replaceChildren();
    for (const session of viewer.sessions.nodes) {
      const button = document.createElement('button');
      button.type = 'button'; button.className = 'quiet'; button.textContent = 'Log out';
      button.addEventListener('click', () => { act('endSession', { session: session.id }, 'session { id }').then(showAccount).catch((error) => { say(error.message, true); }); });
      addItem($('sessions'), `${session.userAgent || 'Unknown browser'}${session.address ? `, ${session.address}` : ''}, ${session.current ? 'this one' : `last used ${new Date(session.lastUsedAt).toLocaleString()}`}`, session.current ? null : button);
    }
    const ends = $('deletion').querySelector('ul');
    ends.replaceChildren();
    const { refusal, appsToDelete, appsToLeave, keysToEnd } = viewer.deletionConsequences;
    if (refusal) addItem(ends, `It would be refused: ${refusal}`);
    addItem(ends, appsToDelete.totalCount > 0 ? `These apps are deleted: ${appsToDelete.nodes.map(({ name }) => name).join(', ')}${appsToDelete.totalCount > 100 ? ' and more' : ''}` : 'No app is deleted: you own none');
    if (appsToLeave.length > 0) addItem(ends, `You leave these apps of others: ${appsToLeave.map(({ name }) => name).join(', ')}`);
    addItem(ends, `API keys that end: ${keysToEnd.totalCount}`);
    show(['email', 'invitation', 'transfer'].includes(kind) && !answered ? kind : 'account');
  };
  let answered = false;

  onSubmit('log-in', async ({ email, password, code }, form) => {
    const second = code === '' || $('log-in').querySelector('[data-code]').hidden ? {} : /^\d{3} ?\d{3}$/.test(code.trim()) ? { code } : { recoveryCode: code };
    try {
      await act('logIn', { email, password, ...second }, 'user { id }');
    } catch (error) {
      if (error.code !== 'TWO_FACTOR_REQUIRED') throw error;
      form.querySelector('[data-code]').hidden = false;
      form.elements.code.focus();
      return;
    }
    form.reset();
    form.querySelector('[data-code]').hidden = true;
    await showAccount();
  });
  onSubmit('sign-up', async (input, form) => {
    const { email } = await act('signUp', input, 'email');
    form.reset();
    show('log-in');
    say(`A mail is on its way to ${email}: open the link in it.`);
  });
  onSubmit('ask-reset', async (input, form) => {
    const { email } = await act('requestPasswordReset', input, 'email');
    form.reset();
    show('log-in');
    say(`If ${email} has an account, a mail is on its way there. Its link is good for an hour.`);
  });
  onSubmit('reset', async ({ password }, form) => {
    const { email } = await act('resetPassword', { token, password }, 'email');
    form.reset();
    show('log-in');
    $('log-in').elements.email.value = email;
    say('The new password is set: log in with it.');
  });
  onSubmit('confirm', async ({ password }, form) => {
    const { email } = await act('confirmEmail', { token, password }, 'email');
    form.reset();
    show('log-in');
    $('log-in').elements.email.value = email;
    say('Your account is ready: log in.');
  });
  onSubmit('email', async () => {
    const { email } = await act('confirmEmailChange', { token }, 'email');
    answered = true;
    await showAccount();
    say(`Your address is ${email} now.`);
  });
  onSubmit('invitation', async () => {
    // One to the platform is accepted by having an account.
    const said = await act('acceptInvitation', { token }, '__typename').then(() => 'You have accepted the invitation.', (error) => { if (error.code !== 'ALREADY_MEMBER') throw error; return error.message; });
    answered = true;
    await showAccount();
    say(said);
  });
  onSubmit('transfer', async () => {
    const { app } = await act('acceptTransfer', { transfer: token }, 'app { name }');
    answered = true;
    await showAccount();
    say(`The app ${app.name} is yours now.`);
  });
  onSubmit('change-password', async (input, form) => {
    await act('changePassword', input, 'user { id }');
    form.reset();
    await showAccount();
    say('Your password has changed, and your other browsers are logged out.');
  });
  onSubmit('change-email', async (input, form) => {
    const { email } = await act('requestEmailChange', input, 'email');
    form.reset();
    say(`A mail is on its way to ${email}: open the link in it. Until then nothing changes.`);
  });
  onSubmit('two-factor', async (input, form) => {
    if (viewer.twoFactorEnabled) {
      await act('disableTwoFactor', input, 'user { id }');
      form.reset();
      $('recovery').hidden = true;
      await showAccount();
      say('Two-factor log-in is off.');
      return;
    }
    const { secret, uri, qrCode } = await act('enableTwoFactor', input, 'secret uri qrCode');
    form.reset();
    $('two-factor-code').querySelector('[data-qr]').src = `data:image/svg+xml,${encodeURIComponent(qrCode)}`;
    $('two-factor-code').hidden = false;
    $('two-factor-code').querySelector('[data-secret]').textContent = secret;
    $('two-factor-code').querySelector('[data-uri]').href = uri;
    $('two-factor-code').elements.code.focus();
  });
  onSubmit('two-factor-code', async (input, form) => {
    const { recoveryCodes } = await act('confirmTwoFactor', input, 'recoveryCodes');
    form.reset();
    form.hidden = true;
    await showAccount();
    $('recovery').hidden = false;
    $('recovery').querySelector('pre').textContent = recoveryCodes.join('\n');
    say('Two-factor log-in is on. Keep the recovery codes.');
  });
  onSubmit('delete-account', async (input, form) => {
    await act('deleteAccount', input, 'email');
    form.reset();
    viewer = null;
    show('log-in');
    say('Your account is deleted.');
  });
  onClick('decline', async () => { await act('declineTransfer', { transfer: token }, '__typename'); answered = true; await showAccount(); say('You have declined.'); });
  onClick('log-out', async () => { await act('logOut', { others: false }, 'sessions { id }'); viewer = null; show('log-in'); say('You are logged out.'); });
  onClick('log-out-others', async () => { await act('logOut', { others: true }, 'sessions { id }'); await showAccount(); say('All other browsers are logged out.'); });
  for (const button of document.querySelectorAll('[data-show]')) button.addEventListener('click', () => { say(''); show(button.dataset.show); });

  const start = async () => {
    if (kind === 'reset' || kind === 'confirm') { show(kind); return; }
    await showAccount();
    if (kind === 'invitation' && !viewer) { show('confirm'); say('You are invited: choose a password for your account, or log in if you have one.'); }
    if (kind === 'email' && !viewer) say('Log in to the account that asked for the new address, with its address and password as they are.');
  };
  start().catch((error) => { say(error.message, true); });
})();
